import { z } from 'zod'
import { defineConnection } from './connection.ts'
import { originOf, outsideUrl } from './outside-url.ts'

/** Jira Service Management took Opsgenie's place, and speaks the same at another address. */
const bases = {
  'opsgenie-us': 'https://api.opsgenie.com/v2',
  'opsgenie-eu': 'https://api.eu.opsgenie.com/v2',
  jsm: 'https://api.atlassian.com/jsm/ops/integration/v2',
} as const

const presets = Object.keys(bases) as (keyof typeof bases)[]

const priority = z.enum(['P1', 'P2', 'P3', 'P4', 'P5'], { error: 'Priorities are P1 to P5.' })

const responder = z.strictObject({
  type: z.enum(['team', 'user', 'escalation', 'schedule'], {
    error: 'A responder is a team, a user, an escalation or a schedule.',
  }),
  /** A user's is the e-mail address. */
  name: z.string().min(1, 'A responder needs a name.').max(200),
})

export const opsgenieSettings = z.strictObject({
  preset: z.enum(presets, { error: `preset must be one of ${presets.join(', ')}.` }).default('jsm'),
  /** Instead of the preset's own address. */
  baseUrl: outsideUrl.nullable().default(null),
  priorities: z
    .strictObject({
      CRITICAL: priority.default('P1'),
      WARNING: priority.default('P3'),
      INFO: priority.default('P5'),
    })
    .prefault({}),
  responders: z.array(responder).max(50, 'At most 50 responders.').default([]),
  tags: z
    .array(z.string().min(1).max(50, 'A tag has at most 50 characters.'))
    .max(20, 'At most 20 tags.')
    .default([]),
})

export type OpsgenieSettings = z.infer<typeof opsgenieSettings>

export function opsgenieBase({ preset, baseUrl }: OpsgenieSettings): string {
  return (baseUrl ?? bases[preset]).replace(/\/+$/, '')
}

/** People copy the key alone, or the address that has it in it. */
export function opsgenieKey(secret: string): string | undefined {
  const key = URL.parse(secret)?.searchParams.get('apiKey') ?? secret.trim()
  return /^[A-Za-z0-9-]{20,100}$/.test(key) ? key : undefined
}

/** Support and API of Opsgenie end on this day. */
const end = new Date('2027-04-05T00:00:00Z')
const dayMs = 86_400_000

/** What whoever still uses Opsgenie should know; undefined for what goes on. */
export function opsgenieEndWarning({ preset }: OpsgenieSettings, now: Date): string | undefined {
  if (preset === 'jsm') return undefined
  const days = Math.ceil((end.getTime() - now.getTime()) / dayMs)
  const when = days > 0 ? `ends in ${days} ${days === 1 ? 'day' : 'days'}` : 'has ended'
  return `Opsgenie ${when} (2027-04-05): move to Jira Service Management and choose the preset jsm with a key of its API integration.`
}

const apiKey = (value: string) =>
  opsgenieKey(value) === undefined
    ? 'The key of an API integration, 36 letters, digits and dashes; or the whole address that has it as apiKey.'
    : undefined

export const opsgenie = defineConnection<OpsgenieSettings>({
  kind: 'opsgenie',
  label: 'Opsgenie or Jira Service Management',
  about:
    'Creates an alert, acknowledges and closes it; one driver with presets, because Opsgenie ends in April 2027.',
  settings: opsgenieSettings,
  secrets: [{ name: 'apiKey', label: 'API key', required: true, problem: apiKey }],
  hostOf: (settings) => originOf(opsgenieBase(settings)),
})
