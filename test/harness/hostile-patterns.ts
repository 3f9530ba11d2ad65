import type { Roll } from './dice.ts'

/** What the engines of ClickHouse are known to think differently about, what only one of them takes, and what rules are made of. */
export const hostilePatterns: readonly string[] = [
  ...String.raw`a$ ^$ (?m)^$ (?m)^b (?m)a$ ^.$ a\z (a$|b) x|^a|b$ foo$ ^foo (?m)^foo$ foo\z|bar$
    \s \S \W \D [^\w] [^\s] \v [\v] \bfoo\b o\B [^a-zA-Z0-9_] foo\s foo\v foo\S foo\W foo[^IRa-z] foo[^\s]
    []a] [^]a] [^IRa-z] [^A-Z\s] [^"]+" [[:^alpha:]] [[:space:]] (?i)[[:upper:]] foo[^]a] foo[[:space:]]
    (?i)\w (?i)[^k] (?i)s (?i)k (?i)é (?i)в (?i)foo\w (?i)foo[^k] (?i)exception[a-z] (?i)userſ (?i)éfoo
    \pL \p{Lu} \PL \p{Greek} 日 日* foo日* fo日o foo[日-語] 😀+ foo[^é] \x{e9} \x{85} foo\x{85}
    (?U)foo+ a{0} foo.{0,100}bar .{1,500}x.{1,500}y a{1000} (a^b) foo^ ^* \b+ foo\b+ a* () |a (?:foo)* foo.*
    \Qa.b\E (?s)foo.*bar (?-s)foo.*bar (?s-i:a)b foo.*bar \x00 \x{0} foo\x00 . it's \\ \/ foo\\ {x:String}
    x{ } ] foo] \] %s \0 \012 (?:a|b)+?foo ((a)|(foo))* (?P<name>foo)=bar E[0-9]{3,5}\b foo|bar (foo|bar)+ user=\S+`.split(
    /\s+/,
  ),
  "' OR 1=1 --",
  '\n\\bfoo',
  'foo\nbar',
  'foo\tb',
  '(?i)user=.* exception',
  'user=\\S+ bar',
  '^ERROR: \\d+ ms$',
]

const plain = String.raw`a b s k K foo bar Exception user= \. = " - _ \n \t 1 0 é 日`.split(' ')
const sets = String.raw`[ab] [a-z] [^a] [^"=] \d \w \s \S \D [A-Z0-9] [-a] [^a-z0-9] [\w.] .`.split(' ')
const repetitions = ['', '', '', '', '', '*', '+', '?', '*?', '{1,3}', '{2}', '{0,2}']

/** Like those people write, and worse. */
export function anyPattern(roll: Roll): string {
  return `${roll(6) === 0 ? '(?i)' : ''}${roll(8) === 0 ? '^' : ''}${anyPart(roll, 2)}${roll(8) === 0 ? '$' : ''}`
}

function anyPart(roll: Roll, depth: number): string {
  const atoms = Array.from({ length: 1 + roll(4) }, () =>
    roll(14) === 0 ? '\\b' : repeatedAtom(roll, depth),
  )
  return atoms.join('')
}

function repeatedAtom(roll: Roll, depth: number): string {
  const repetition = pick(roll, repetitions)
  if (depth > 0 && roll(6) === 0)
    return `(${anyPart(roll, depth - 1)}|${anyPart(roll, depth - 1)})${repetition}`
  const atom = roll(3) === 0 ? pick(roll, sets) : pick(roll, plain)
  return repetition !== '' && /^[\w=]{2,}$/.test(atom) ? `(?:${atom})${repetition}` : atom + repetition
}

function pick<Item>(roll: Roll, some: readonly Item[]): Item {
  return some[roll(some.length)] as Item
}

const letters = [
  ...Array.from('abAsSkK01_-.="éÉſ日ᲀ😀{}]\\ \n\t\r\v\f\0\u0085\u2028\u212a'),
  ...'foo bar Exception user='.split(' '),
]
const noUtf8 = [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0xaf]]

/** A line; in some are bytes that are no UTF-8. */
export function anyMessage(roll: Roll): Buffer {
  const length = roll(3) === 0 ? roll(60) : roll(8)
  const parts = Array.from({ length }, () =>
    roll(60) === 0 ? Buffer.from(pick(roll, noUtf8)) : Buffer.from(pick(roll, letters)),
  )
  return Buffer.concat(parts)
}
