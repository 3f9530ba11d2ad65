import { z } from 'zod'
import { type FakeVendor, openFakeVendor, type VendorAnswer, type VendorRequest } from './fake-vendor.ts'

const create = z.strictObject({
  message: z.string().min(1).max(130),
  alias: z.string().max(512),
  description: z.string().max(15_000),
  entity: z.string().max(512),
  source: z.string().max(100),
  user: z.string().max(100),
  priority: z.enum(['P1', 'P2', 'P3', 'P4', 'P5']),
  tags: z.array(z.string().max(50)).max(20),
  details: z
    .record(z.string(), z.string())
    .refine(
      (all) => Object.entries(all).flat().join('').length <= 8000,
      'details hold more than 8000 characters',
    ),
  responders: z
    .array(z.object({ type: z.enum(['team', 'user', 'escalation', 'schedule']) }))
    .max(50)
    .optional(),
})
const act = z.strictObject({
  user: z.string().max(100),
  source: z.string().max(100),
  note: z.string().max(25_000),
})
const edits = {
  message: z.strictObject({ message: z.string().min(1).max(130) }),
  description: z.strictObject({ description: z.string().min(1).max(15_000) }),
  priority: z.strictObject({ priority: z.enum(['P1', 'P2', 'P3', 'P4', 'P5']) }),
}

interface OpsgenieAlertThere {
  readonly alias: string
  message: string
  priority: string
  count: number
  status: 'open' | 'closed'
  acknowledged: boolean
  readonly notes: string[]
}

export interface FakeOpsgenie extends FakeVendor {
  readonly alerts: OpsgenieAlertThere[]
  /** It accepts everything and decides afterwards; true: it decides against what comes now. */
  refusesAfterwards: boolean
}

/** `isSuccessor`: Jira Service Management, which creates, acknowledges, closes and takes notes, and nothing else. */
export async function openFakeOpsgenie(
  apiKey: string,
  { isSuccessor = false }: { readonly isSuccessor?: boolean } = {},
): Promise<FakeOpsgenie> {
  const requests = new Map<string, boolean>()
  const vendor = await openFakeVendor((request, complain) => {
    if (request.headers.authorization !== `GenieKey ${apiKey}`)
      return { status: 403, body: { message: 'You are not authorized' } }
    const asked = /^\/alerts\/requests\/([\w-]+)$/.exec(request.path)?.[1]
    if (request.method === 'GET' && asked !== undefined) return fateOf(asked)
    const checked = read(request)
    if (typeof checked === 'string') {
      complain(checked)
      return { status: 422, body: { message: checked } }
    }
    if (!checked) return { status: 404 }
    const id = `request-${requests.size + 1}`
    requests.set(id, !fake.refusesAfterwards && checked())
    return { status: 202, body: { result: 'Request will be processed', took: 0.1, requestId: id } }
  })
  const fake: FakeOpsgenie = { ...vendor, alerts: [], refusesAfterwards: false }
  return fake

  function fateOf(id: string): VendorAnswer {
    const isSuccess = requests.get(id)
    return isSuccess === undefined
      ? { status: 404, body: { message: 'Request not found' } }
      : { status: 200, body: { data: { success: isSuccess, isSuccess, action: 'Create' } } }
  }

  /** What to do about it, why it is refused, or undefined where there is no such verb. */
  function read({ method, path, query, body }: VendorRequest): (() => boolean) | string | undefined {
    if (method === 'POST' && path === '/alerts') {
      const checked = create.safeParse(body)
      return checked.success ? () => createAlert(checked.data) : z.prettifyError(checked.error)
    }
    const [, alias = '', verb = ''] = /^\/alerts\/([^/]+)\/(\w+)$/.exec(path) ?? []
    if (query.get('identifierType') !== 'alias') return 'identifierType is missing'
    const known = () => fake.alerts.find((one) => one.alias === alias && one.status === 'open')
    if (method === 'PUT' && !isSuccessor && Object.hasOwn(edits, verb)) {
      const checked = edits[verb as keyof typeof edits].safeParse(body)
      return checked.success
        ? () => known() !== undefined && Boolean(Object.assign(known() ?? {}, checked.data))
        : z.prettifyError(checked.error)
    }
    const verbs = ['acknowledge', 'close', 'notes', ...(isSuccessor ? [] : ['unacknowledge'])]
    if (method !== 'POST' || !verbs.includes(verb)) return undefined
    const checked = act.safeParse(body)
    return checked.success ? () => actOn(known(), verb, checked.data.note) : z.prettifyError(checked.error)
  }

  function createAlert({ alias, message, priority }: z.infer<typeof create>): boolean {
    const open = fake.alerts.find((one) => one.alias === alias && one.status === 'open')
    if (open) open.count += 1
    else
      fake.alerts.push({ alias, message, priority, count: 1, status: 'open', acknowledged: false, notes: [] })
    return true
  }

  function actOn(alert: OpsgenieAlertThere | undefined, verb: string, note: string): boolean {
    if (!alert) return false
    alert.notes.push(note)
    if (verb === 'close') alert.status = 'closed'
    if (verb === 'acknowledge') alert.acknowledged = true
    if (verb === 'unacknowledge') alert.acknowledged = false
    return true
  }
}
