import { z } from 'zod'
import { formatDuration } from '#engine/duration.ts'
import { isWithin, parseAddress, parseNetwork } from '#engine/network.ts'
import { appVariables, type ConditionDefinition, numberFromForm } from '#engine/rule/condition.ts'
import type { Facts } from '#engine/facts.ts'
import { judgeWindow } from '#engine/rule/judge-window.ts'
import { formatQuantity } from '#engine/rule/quantity.ts'
import type { ClientFigures } from '#engine/telemetry/elasticsearch.ts'
import { httpLogFacts, httpLogQuestion, httpLogShape, indexField } from './http-log.ts'

const network = z.string({ error: 'An address must be text.' }).superRefine((text, context) => {
  if (parseNetwork(text) === undefined)
    context.addIssue({
      code: 'custom',
      message: `${text} is neither an address nor a network: write 203.0.113.7, 10.0.0.0/8 or 2001:db8::/32.`,
    })
})

const schema = z.strictObject({
  kind: z.literal('GATEWAY_4XX'),
  ...httpLogShape,
  windowSeconds: httpLogShape.windowSeconds.default(1800),
  clientField: httpLogShape.statusField.unwrap().default('client.ip'),
  trustedHops: z
    .int({ error: 'trustedHops must be a whole number of proxies.' })
    .min(0, 'trustedHops is below 0: 0 means that the field holds one address.')
    .max(20, 'trustedHops is above 20.')
    .default(0),
  threshold: z
    .int({ error: 'The threshold must be a whole number of responses.' })
    .min(0, 'The threshold is below 0, which no count is.')
    .default(500),
  allow: z
    .array(network, { error: 'The allow list must be a list of addresses and networks.' })
    .max(1000, 'The allow list is longer than 1,000 networks.')
    .default([]),
  listed: z
    .int({ error: 'listed must be a whole number of addresses.' })
    .min(1, 'A message without addresses helps nobody: list 1 or more.')
    .max(50, 'More than 50 addresses fit into no message.')
    .default(10),
})

export type Gateway4xx = z.infer<typeof schema>

const number = (figure: number) => formatQuantity(figure, 'count')

export const gateway4xx: ConditionDefinition<Gateway4xx> = {
  schema,
  label: 'Gateway 4xx by client',
  about: 'One address gets many 4xx responses: somebody may be looking for a way in',
  defaultIntervalSeconds: 900,
  unit: () => 'count',
  scope: ({ scope }) => scope,
  measure: ({ index, windowSeconds }) =>
    `4xx responses to one address in ${index} over ${formatDuration(windowSeconds)}`,
  limit: ({ threshold }) => `above ${number(threshold)}`,
  question: (condition, environment) => ({
    about: 'http-clients',
    ...httpLogQuestion(condition, environment),
    clientField: condition.clientField,
    trustedHops: condition.trustedHops,
    around: condition.threshold,
  }),
  hasPast: true,
  judge: (condition, answer, standing) => {
    if (answer.about !== 'http-clients') throw new Error(`a GATEWAY_4XX was answered about ${answer.about}`)
    const { threshold } = condition
    const limit = { comparator: 'GT', threshold, isMonotone: true, unit: 'count' } as const
    const most = (figures: ClientFigures) => strangers(condition, figures)[0]?.rejected ?? 0
    const told = most(answer.early) > threshold ? answer.early : answer.settled
    return judgeWindow(answer, most, limit, standing).map((reading) => ({
      ...reading,
      summary: describe(condition, told),
      facts: clientFacts(condition, told),
    }))
  },
  overlooked: (condition, answers) => {
    const cut = answers.filter(
      (answer) => answer.about === 'http-clients' && isCut(condition, answer.settled),
    )
    return cut.length === 0
      ? undefined
      : `At ${number(cut.length)} of ${number(answers.length)} looks there were more addresses than are counted one by one, and of those that were, all above the threshold are on the allow list: whether others were above it was not looked at.`
  },
  variables: {
    ...appVariables,
    clients: '203.0.113.7 (812), 198.51.100.23 (604)',
    'client.ip': '203.0.113.7',
    'client.rejected': '812',
    'http.index': 'logs-envoy-*',
    'http.windowSeconds': '1800',
  },
  facts: httpLogFacts,
  fields: (values) => [
    indexField(values['index']),
    {
      kind: 'text',
      name: 'clientField',
      label: "Field of the client's address",
      required: true,
      value: values['clientField'] ?? 'client.ip',
    },
    {
      kind: 'text',
      name: 'threshold',
      label: 'Fires above this many 4xx in half an hour',
      required: true,
      value: values['threshold'] ?? '500',
    },
    {
      kind: 'text',
      name: 'allow',
      label: 'But never for',
      hint: 'Addresses and networks, separated by commas',
      placeholder: '10.0.0.0/8, 2001:db8::/32',
      required: false,
      maxLength: 2000,
      value: values['allow'] ?? '',
    },
  ],
  fromForm: (values, scope) => ({
    kind: 'GATEWAY_4XX',
    scope,
    index: values['index'],
    clientField: values['clientField'],
    threshold: numberFromForm(values['threshold']),
    allow: (values['allow'] ?? '').split(/[\s,]+/).filter((part) => part !== ''),
  }),
  fieldOf: { index: 'index', clientField: 'clientField', threshold: 'threshold', allow: 'allow' },
}

interface Client {
  readonly name: string
  readonly rejected: number
}

/** Who is not on the allow list, the worst first; an address that is written in two ways is one. */
function strangers({ allow }: Gateway4xx, { clients }: ClientFigures): Client[] {
  const networks = allow.map(parseNetwork).filter((known) => known !== undefined)
  const byAddress = new Map<bigint | string, Client>()
  for (const { client, rejected } of clients) {
    const address = parseAddress(client)
    if (address !== undefined && networks.some((known) => isWithin(known, address))) continue
    const key = address ?? client
    const before = byAddress.get(key)
    byAddress.set(key, { name: before?.name ?? client, rejected: rejected + (before?.rejected ?? 0) })
  }
  return [...byAddress.values()].sort((one, other) => other.rejected - one.rejected)
}

/** Somebody above the threshold may be among those who are not listed: everybody who is listed is above it, and allowed to be. */
function isCut(condition: Gateway4xx, figures: ClientFigures): boolean {
  const least = Math.min(...figures.clients.map(({ rejected }) => rejected))
  return (
    figures.others > condition.threshold &&
    least > condition.threshold &&
    !aboveThreshold(condition, figures).length
  )
}

/** Longer than any address: what stands there is not one. */
const longestName = 60

function describe(condition: Gateway4xx, figures: ClientFigures): string {
  const { threshold, windowSeconds, listed } = condition
  const span = formatDuration(windowSeconds)
  const all = strangers(condition, figures)
  const hot = aboveThreshold(condition, figures)
  if (hot.length === 0)
    return `No address got more than ${number(threshold)} responses of status 4xx over ${span}.`
  const names = hot.slice(0, listed).map(nameWithCount)
  const isEnd = hot.length < all.length || figures.others === 0
  const rest = hot.length - names.length
  const more = rest > 0 ? ` and ${isEnd ? '' : 'at least '}${number(rest)} more` : ''
  const each = hot.length === 1 ? '' : ' each'
  return `${names.join(', ')}${more} got more than ${number(threshold)} responses of status 4xx${each} over ${span}.`
}

function aboveThreshold(condition: Gateway4xx, figures: ClientFigures): Client[] {
  return strangers(condition, figures).filter(({ rejected }) => rejected > condition.threshold)
}

function nameWithCount({ name, rejected }: Client): string {
  return `${cut(name)} (${number(rejected)})`
}

/** Whom the message lists, and the worst of them. */
function clientFacts(condition: Gateway4xx, figures: ClientFigures): Facts {
  const hot = aboveThreshold(condition, figures)
  const [worst] = hot
  return {
    clients: hot.slice(0, condition.listed).map(nameWithCount).join(', '),
    'client.ip': worst ? cut(worst.name) : '',
    'client.rejected': worst ? String(worst.rejected) : '',
  }
}

function cut(name: string): string {
  return name.length > longestName ? `${name.slice(0, longestName)}…` : name
}
