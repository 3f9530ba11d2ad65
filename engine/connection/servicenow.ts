import { z } from 'zod'
import { defineConnection } from './connection.ts'
import { originOf, outsideUrl } from './outside-url.ts'

const named = z.string().max(100, 'At most 100 characters.').default('')

export const serviceNowSettings = z
  .strictObject({
    /** The name alone: whoever could write a host here could lead a password anywhere. */
    instance: z
      .string()
      .regex(
        /^[a-z0-9-]{1,63}$/,
        'The name of the instance alone: acme, where people go to https://acme.service-now.com',
      )
      .nullable()
      .default(null),
    /** For an instance with an address of its own, instead of its name. */
    baseUrl: outsideUrl.nullable().default(null),
    /** incident: a ticket people work on. event: Event Management, a plugin of its own, decides what becomes one. */
    mode: z.enum(['incident', 'event'], { error: 'mode must be incident or event.' }).default('incident'),
    username: z
      .string({ error: 'username is missing: the user Tocsin works as.' })
      .min(1, 'username is missing: the user Tocsin works as.')
      .max(200)
      .refine((name) => !name.includes(':'), 'A username holds no colon.'),
    assignmentGroup: named,
    callerId: named,
    category: named,
    configurationItem: named,
    /** Usually asked for when an incident is resolved, and called differently by every instance. */
    closeCode: z.string().min(1, 'A code the instance knows.').max(100).default('Solution provided'),
    closeNotes: z.string().min(1, 'Some words.').max(1000).default('The alert has cleared.'),
  })
  .refine(
    ({ instance, baseUrl }) => (instance === null) !== (baseUrl === null),
    'Name either the instance or its baseUrl.',
  )

export type ServiceNowSettings = z.infer<typeof serviceNowSettings>

export function serviceNowBase({ instance, baseUrl }: ServiceNowSettings): string {
  return baseUrl?.replace(/\/+$/, '') ?? `https://${instance}.service-now.com`
}

export const serviceNow = defineConnection<ServiceNowSettings>({
  kind: 'servicenow',
  label: 'ServiceNow',
  about: 'Opens an incident, keeps it up to date and resolves it; or sends events to Event Management.',
  settings: serviceNowSettings,
  secrets: [{ name: 'password', label: 'Password', required: true }],
  hostOf: (settings) => originOf(serviceNowBase(settings)),
})
