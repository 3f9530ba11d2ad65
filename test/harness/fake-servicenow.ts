import { createHash } from 'node:crypto'
import { z } from 'zod'
import { type FakeVendor, openFakeVendor, type VendorAnswer, type VendorRequest } from './fake-vendor.ts'

const columns = z
  .strictObject({
    short_description: z.string().max(160),
    description: z.string().max(4000),
    urgency: z.enum(['1', '2', '3']),
    impact: z.enum(['1', '2', '3']),
    correlation_id: z.string().max(100),
    correlation_display: z.string().max(100),
    assignment_group: z.string(),
    caller_id: z.string(),
    category: z.string(),
    cmdb_ci: z.string(),
    work_notes: z.string().max(4000),
    state: z.enum(['1', '2', '3', '6', '7', '8']),
    close_code: z.string(),
    close_notes: z.string().max(4000),
  })
  .partial()

const event = z.strictObject({
  source: z.string().min(1),
  event_class: z.string(),
  node: z.string().max(100),
  resource: z.string().max(100),
  metric_name: z.string().max(100),
  type: z.string(),
  severity: z.enum(['0', '1', '2', '3', '4', '5']),
  description: z.string().max(4000),
  message_key: z.string().min(1).max(1024),
  time_of_event: z.string().regex(/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/),
  resolution_state: z.enum(['New', 'Closing']),
  additional_info: z
    .string()
    .refine((text) => isObject(text), 'additional_info is a text that holds a JSON object'),
})

interface IncidentThere extends z.infer<typeof columns> {
  readonly sys_id: string
  readonly number: string
  active: 'true' | 'false'
  readonly notes: string[]
}

export interface FakeServiceNow extends FakeVendor {
  readonly incidents: IncidentThere[]
  readonly events: z.infer<typeof event>[]
}

/** An instance with the usual data policy: nothing is resolved without a code and notes. */
export async function openFakeServiceNow(username: string, password: string): Promise<FakeServiceNow> {
  const credentials = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  const vendor = await openFakeVendor((request, complain) => {
    if (request.headers.authorization !== credentials)
      return { status: 401, body: { error: { message: 'User Not Authenticated' } } }
    const answer = answerTo(request)
    if (answer.status === 400) complain(JSON.stringify(answer.body))
    return answer
  })
  const fake: FakeServiceNow = { ...vendor, incidents: [], events: [] }
  return fake

  function answerTo(request: VendorRequest): VendorAnswer {
    const { method, path, query } = request
    if (method === 'POST' && path === '/api/global/em/jsonv2') return takeEvents(request)
    const [, table, id] = /^(\/api\/now\/table\/incident)(?:\/([0-9a-f]{32}))?$/.exec(path) ?? []
    if (table === undefined) return { status: 404 }
    if (method === 'POST') return insert(request)
    if (id === undefined) return { status: 200, body: { result: find(query).map(shown) } }
    const known = fake.incidents.find(({ sys_id }) => sys_id === id)
    if (!known) return { status: 404, body: { error: { message: 'No Record found' } } }
    return method === 'PATCH' ? change(known, request) : { status: 200, body: { result: shown(known) } }
  }

  function find(query: URLSearchParams): IncidentThere[] {
    const wanted = /^correlation_id=([^^]+)\^active=true$/.exec(query.get('sysparm_query') ?? '')?.[1]
    const found = fake.incidents.filter((one) => one.correlation_id === wanted && one.active === 'true')
    return found.slice(0, Number(query.get('sysparm_limit') ?? 10_000))
  }

  function insert({ body }: VendorRequest): VendorAnswer {
    const checked = columns.safeParse(body)
    if (!checked.success) return bad(z.prettifyError(checked.error))
    const at = fake.incidents.length + 1
    const sys_id = createHash('md5').update(String(at)).digest('hex')
    const fresh: IncidentThere = {
      state: '1',
      ...checked.data,
      sys_id,
      number: `INC${String(at).padStart(7, '0')}`,
      active: 'true',
      notes: [],
    }
    fake.incidents.push(fresh)
    return {
      status: 201,
      headers: { location: `/api/now/table/incident/${sys_id}` },
      body: { result: shown(fresh) },
    }
  }

  function change(known: IncidentThere, { body }: VendorRequest): VendorAnswer {
    const checked = columns.safeParse(body)
    if (!checked.success) return bad(z.prettifyError(checked.error))
    const { work_notes, ...rest } = checked.data
    const after = { ...known, ...rest }
    if (['6', '7'].includes(after.state ?? '') && (!after.close_code || !after.close_notes))
      return {
        status: 403,
        body: { error: { message: 'Data Policy Exception: close_code, close_notes are mandatory' } },
      }
    Object.assign(known, rest, { active: ['7', '8'].includes(after.state ?? '') ? 'false' : 'true' })
    if (work_notes !== undefined) known.notes.push(work_notes)
    return { status: 200, body: { result: shown(known) } }
  }

  function takeEvents({ body }: VendorRequest): VendorAnswer {
    const checked = z.strictObject({ records: z.array(event).min(1) }).safeParse(body)
    if (!checked.success) return bad(z.prettifyError(checked.error))
    fake.events.push(...checked.data.records)
    return { status: 200, body: { result: { 'Default Bulk Endpoint': '1 events were inserted' } } }
  }
}

function shown({ sys_id, number, state, active }: IncidentThere) {
  return { sys_id, number, state, active }
}

function bad(why: string): VendorAnswer {
  return { status: 400, body: { error: { message: why } } }
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null
  } catch {
    return false
  }
}
