import { constantFrom, oneof, string, type Arbitrary } from 'fast-check'

/** What telemetry, rule names and people may throw at a Slack message. */
export const hostileTexts = [
  '<!channel> <!here> <!everyone> @everyone',
  '<@U0SOMEONE> <#C0SOMEWHERE|general> <!subteam^S1>',
  '<https://evil.example|https://bank.example>',
  '<javascript:alert(1)|click>',
  '<!date^1^{time}|now>',
  '*bold* _slanted_ ~struck~ `code` ```block```',
  '> quoted\n>>> everything after',
  '&amp; &lt;!channel&gt; & &',
  'a|b>c<d',
  'x'.repeat(10_000),
  '&'.repeat(10_000),
  '🔥'.repeat(4_000),
  '👩‍👩‍👧‍👦 family',
  'שלום עולם مرحبا',
  '\u202Etxt.exe\u2066hidden\u2069',
  'nul\u0000bell\u0007esc\u001B[31m',
  'lone \uD800 halves \uDC00',
  '\n\n\n',
  '   ',
  '',
] as const

export const hostileText: Arbitrary<string> = oneof(
  constantFrom(...hostileTexts),
  string({ unit: 'binary', maxLength: 200 }),
  string({
    unit: constantFrom('<', '>', '&', '*', '_', '`', '~', '|', '!', '@', '\n', ' ', 'a', '\uD800'),
    maxLength: 60,
  }),
)
