import { z } from 'zod'

/**
 * Our model of what Slack accepts, from its reference pages and type comments; no Slack has confirmed it.
 * https://docs.slack.dev/reference/block-kit/blocks and /block-elements, lengths counted in code points.
 */
const text = (limit: number) =>
  z.string().refine((value) => {
    const length = Array.from(value).length
    return length >= 1 && length <= limit && value.isWellFormed() && !/[^\P{Cc}\n\t]/u.test(value)
  }, `1 to ${limit} code points of clean text`)

const plain = (limit: number) => z.strictObject({ type: z.literal('plain_text'), text: text(limit) })
const markdown = (limit: number) =>
  z.strictObject({
    type: z.literal('mrkdwn'),
    text: text(limit).refine(hasOnlyOurMarkup),
    verbatim: z.literal(true),
  })

const id = text(255)
const url = text(3000).regex(/^https?:\/\//u)
const option = z.strictObject({ text: plain(75), value: text(150), description: plain(75).optional() })
const options = z.array(option).min(1).max(100)

const button = z.strictObject({
  type: z.literal('button'),
  action_id: id,
  text: plain(75),
  value: text(2000).optional(),
  url: url.optional(),
  style: z.enum(['primary', 'danger']).optional(),
})
const select = z.strictObject({
  type: z.literal('static_select'),
  action_id: id,
  placeholder: plain(150).optional(),
  options,
  initial_option: option.optional(),
})
const textInput = z.strictObject({
  type: z.literal('plain_text_input'),
  action_id: id,
  multiline: z.boolean(),
  max_length: z.int().min(1).max(3000),
  initial_value: z.string().max(3000).optional(),
  placeholder: plain(150).optional(),
})

const block = z.union([
  z.strictObject({ type: z.literal('header'), text: plain(150) }),
  z.strictObject({ type: z.literal('section'), text: markdown(3000), accessory: button.optional() }),
  z.strictObject({ type: z.literal('section'), fields: z.array(markdown(2000)).min(1).max(10) }),
  z.strictObject({ type: z.literal('context'), elements: z.array(markdown(2000)).min(1).max(10) }),
  z.strictObject({
    type: z.literal('actions'),
    elements: z
      .array(z.union([button, select]))
      .min(1)
      .max(25),
  }),
])
const input = z.strictObject({
  type: z.literal('input'),
  block_id: id,
  optional: z.boolean(),
  label: plain(2000),
  hint: plain(2000).optional(),
  element: z.union([textInput, select]),
})

const distinct = (payload: unknown) => {
  for (const key of ['action_id', 'block_id']) {
    const ids = valuesOf(payload, key)
    if (new Set(ids).size < ids.length) return false
  }
  return true
}

const message = z
  .strictObject({
    text: text(4000).refine(hasOnlyOurMarkup),
    blocks: z.array(block).min(1).max(50),
  })
  .refine(distinct, 'every id only once')

const home = z
  .strictObject({ type: z.literal('home'), blocks: z.array(block).min(1).max(100) })
  .refine(distinct, 'every id only once')

const modal = z
  .strictObject({
    type: z.literal('modal'),
    callback_id: id,
    private_metadata: z.string().max(3000),
    title: plain(24),
    submit: plain(24).optional(),
    close: plain(24),
    blocks: z
      .array(z.union([block, input]))
      .min(1)
      .max(100),
  })
  .refine(distinct, 'every id only once')
  .refine(
    ({ submit, blocks }) => submit || blocks.every(({ type }) => type !== 'input'),
    'input blocks need a submit button',
  )

const surfaces = { message, home, modal }

/** What Slack would refuse, or what a stranger's text would have become; empty when all is well. */
export function slackComplaints(surface: keyof typeof surfaces, payload: unknown): string[] {
  const checked = surfaces[surface].safeParse(payload)
  return checked.success
    ? []
    : checked.error.issues.map((issue) => `${issue.path.join('.')}: ${JSON.stringify(issue)}`)
}

/**
 * Only dates and http links may stand between angle brackets, and only whole entities may follow an ampersand:
 * so no `<!channel>`, no `<@U1>`, no cut `&am`.
 */
function hasOnlyOurMarkup(mrkdwn: string): boolean {
  const rest = mrkdwn
    .replace(/<!date\^\d+\^[a-z{}_ ]+\|[^<>|]*>/gu, '')
    .replace(/<https?:\/\/[^<>|\s]+\|[^<>\n]+>/gu, '')
    .replace(/&(?:amp|lt|gt);/gu, '')
  return !/[<>&]/u.test(rest)
}

function valuesOf(payload: unknown, key: string): string[] {
  if (typeof payload !== 'object' || payload === null) return []
  return Object.entries(payload).flatMap(([name, value]) =>
    name === key && typeof value === 'string' ? [value] : valuesOf(value, key),
  )
}
