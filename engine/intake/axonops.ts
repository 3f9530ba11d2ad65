import { z } from 'zod'
import { type CheckState, type HealthEvent, serviceEvent, type Sighting } from '#engine/event.ts'
import { isStorableText } from '#engine/labels.ts'
import { isNoticeName, noticeCategories, type NoticeType, noticeTypes } from './axonops-catalogue.ts'
import {
  type Arrival,
  type BodyForm,
  membersOf,
  readEachEvent,
  type ReadEvent,
  type ReadEvents,
  refusal,
} from './each-event.ts'
import { readTime } from './go-time.ts'
import { stateOfSeverity } from './severity-word.ts'

const text = (what: string, longest: number) =>
  z
    .string({ error: `${what} must be text.` })
    .trim()
    .min(1, `${what} is empty: leave it out.`)
    .max(longest, `${what} has more than ${longest} characters.`)
    .refine(isStorableText, `${what} holds a NUL or half a character: remove it.`)

const noticeSchema = z.strictObject({
  type: text('type', 100)
    .refine(
      isNoticeName,
      'type is no event type I know: GET /api/v1/notices/types lists them; or leave it out.',
    )
    .optional(),
  category: z
    .enum(noticeCategories, { error: `category is one of ${noticeCategories.join(', ')}.` })
    .optional(),
  severity: text('severity', 40).optional(),
  source: text('source', 200),
  component: text('component', 200).optional(),
  title: text('title', 300).optional(),
  message: text('message', 4000).optional(),
  resolved: z.boolean({ error: 'resolved is true or false.' }).default(false),
  at: text('at', 60).optional(),
})

type Notice = z.infer<typeof noticeSchema>

/**
 * What a keeper of Cassandra or Kafka reports: what kind of thing happened, how bad it is, who says so, about which part.
 *
 *     { "type": "repair-segment-failed", "source": "orders-cluster", "component": "node-3",
 *       "message": "Segment 17 of keyspace orders failed", "at": "2026-01-31T10:00:00Z" }
 *
 *     { "category": "nodes", "severity": "error", "source": "orders-cluster", "component": "node-3",
 *       "title": "Agent is disconnected" }
 *
 * A named type brings its category, severity and title along; what the notice says itself wins. `resolved` clears it.
 */
export function readNotices(body: string, form: BodyForm, arrival: Arrival): ReadEvents<HealthEvent> {
  return readEachEvent(membersOf(body, form), (item) => readNotice(item, arrival))
}

function readNotice(item: unknown, arrival: Arrival): ReadEvent<HealthEvent> {
  const parsed = noticeSchema.safeParse(item)
  if (!parsed.success) {
    const [first = 'A notice is an object.', ...others] = parsed.error.issues.map(tell)
    return { problems: [first, ...others] }
  }
  const notice = parsed.data
  const type: NoticeType | undefined = notice.type === undefined ? undefined : noticeTypes[notice.type]
  const category = notice.category ?? type?.category
  const title = notice.title ?? type?.title
  const state = stateOf(notice, type)
  if (category === undefined)
    return refusal(`category is missing: it is one of ${noticeCategories.join(', ')}, or comes with a type.`)
  if (title === undefined) return refusal('title is missing: say in one line what happened, or name a type.')
  if (state === undefined)
    return refusal('severity is missing or unknown: use info, warning or error, or name a type.')
  const at = notice.at === undefined ? { at: arrival.now } : readTime(notice.at)
  if ('problem' in at) return refusal(`at: ${at.problem}.`)
  return {
    event: toEvent(notice, {
      category,
      title,
      state,
      at: at.at ?? arrival.now,
      environment: arrival.environment,
    }),
  }
}

function stateOf(notice: Notice, type: NoticeType | undefined): CheckState | undefined {
  if (notice.resolved) return 'ok'
  return notice.severity === undefined ? type?.state : stateOfSeverity(notice.severity)
}

function toEvent(
  notice: Notice,
  known: Pick<Sighting, 'title' | 'state' | 'at' | 'environment'> & { category: string },
): HealthEvent {
  const { category, ...rest } = known
  const { source, component, type } = notice
  return serviceEvent({
    judgedBy: 'arrival',
    ...rest,
    entity: component === undefined ? source : `${source}/${component}`,
    check: type ?? `${category}: ${known.title}`,
    summary: notice.message ?? '',
    labels: {
      category,
      source,
      ...(component !== undefined && { component }),
      ...(type !== undefined && { type }),
    },
    initialFailureDelaySeconds: 0,
    repeatFailureDelaySeconds: 0,
  })
}

function tell(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') {
    return `${issue.keys.map((key) => JSON.stringify(key)).join(', ')} is not part of a notice: remove it.`
  }
  return issue.path.length === 0 ? 'A notice is an object.' : issue.message
}
