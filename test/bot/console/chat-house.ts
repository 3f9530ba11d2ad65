import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Fastify from 'fastify'
import pino from 'pino'
import type { Access } from '#bot/console/access.ts'
import { builtConsole } from '#bot/console/build.ts'
import { consoleDoor } from '#bot/console/door.ts'
import type { LocalChat, LocalMessage } from '#bot/console/local-chat.ts'
import type { Front } from '#bot/front.ts'
import type { Alert } from '#engine/alert.ts'
import type { Answer } from '#engine/command/answer.ts'
import type { Command } from '#engine/command/command.ts'
import { isComplaint, parseCommand } from '#engine/command/parse.ts'
import type { Incident } from '#engine/incident/incident.ts'
import { type TimelineEntry, timelineLine } from '#engine/incident/timeline.ts'
import { composeIncident, composeStory } from '#engine/message/compose.ts'
import { message } from '#engine/message/message.ts'
import type { Person } from '#engine/person.ts'
import type { FieldProblem } from '#engine/rule/rule.ts'
import { help } from '#engine/view/help.ts'
import { incidentList } from '#engine/view/incident-list.ts'
import { ruleFormStep, rulePreviewStep, subjectProblems } from '#engine/view/rule-form.ts'
import { ruleList } from '#engine/view/rule-list.ts'
import { silenceForm } from '#engine/view/silence-form.ts'
import type { FormValues } from '#engine/view/form.ts'
import { ordinaryAlert, picture } from './chat-alert.ts'

/** A small house in memory: real messages and forms of the engine, no database, no workers. */
export interface ChatHouse {
  readonly front: Front
  readonly chat: LocalChat
  readonly said: { text: string; person: Person }[]
  /** An alert of its own incident fires and is posted. */
  fire(parts?: Partial<Alert> & { minutesAgo?: number }): number
  recover(number: number): void
  /** Posted as it is, e.g. with hostile text. */
  post(text: LocalMessage['message']): void
}

export function chatHouse(options: { clock?: () => Date; delayMs?: number } = {}): ChatHouse {
  const clock = options.clock ?? (() => new Date())
  const incidents = new Map<number, { incident: Incident; timeline: TimelineEntry[]; messageId: number }>()
  const messages: LocalMessage[] = []
  const listeners = new Set<(message: LocalMessage) => void>()
  const people = new Map<string, Person>()
  const drafts = new Map<
    string,
    { kind: 'rule' | 'silence'; number: number; step: number; values: FormValues }
  >()
  const said: ChatHouse['said'] = []

  const put = (next: LocalMessage) => {
    const at = messages.findIndex(({ id }) => id === next.id)
    if (at >= 0) messages[at] = next
    else messages.push(next)
    for (const listener of listeners) listener(next)
  }
  const storyOf = (number: number) => {
    const known = incidents.get(number)
    return known && { incident: known.incident, timeline: known.timeline, suppression: undefined }
  }
  const refresh = (number: number, entry: TimelineEntry, change: Partial<Alert> = {}) => {
    const known = incidents.get(number)
    if (!known) throw new Error(`no incident ${number}`)
    const [alert] = known.incident.alerts
    known.incident = { ...known.incident, alerts: [{ ...alert, ...change }] }
    known.timeline.push(entry)
    const posted = messages.find(({ id }) => id === known.messageId)
    const at = entry.at.toISOString()
    if (!posted) return
    put({
      ...posted,
      message: composeIncident({ incident: known.incident, timeline: [], suppression: undefined }, clock()),
      thread: [...posted.thread, { at, line: timelineLine(entry) }],
      updatedAt: at,
    })
  }
  const settle = (number: number, kind: 'acknowledged' | 'resolved' | 'silenced', person: Person): Answer => {
    const alert = incidents.get(number)?.incident.alerts[0]
    if (!alert) return { kind: 'refused', because: `There is no alert #${number}.` }
    if (kind === 'acknowledged' && alert.acknowledgedBy) {
      return { kind: 'refused', because: `#${number} is already acknowledged by somebody.` }
    }
    const at = clock()
    const entry: TimelineEntry = { at, actor: person, kind, details: {} }
    const change =
      kind === 'acknowledged'
        ? { acknowledgedAt: at, acknowledgedBy: person }
        : kind === 'resolved'
          ? { state: 'RESOLVED' as const, resolvedAt: at, resolvedBy: person }
          : {}
    refresh(number, entry, change)
    return { kind: 'message', message: composeIncident(storyOf(number)!, clock()) }
  }
  const form = (id: string): Answer => {
    const draft = drafts.get(id)
    if (!draft) return { kind: 'refused', because: 'This form is gone. Start again.' }
    if (draft.kind === 'silence') return { kind: 'form', form: silenceForm(id, draft.number, draft.values) }
    const problems = draft.step === 1 && 'name' in draft.values ? nameProblems(draft.values) : []
    if (draft.step < 3) return { kind: 'form', form: ruleFormStep(id, draft.step, draft.values, problems) }
    const preview = {
      lines: [[{ strong: draft.values['name'] ?? '' }], ['It would have fired twice.']],
      picture: picture(clock()),
    }
    return { kind: 'form', form: rulePreviewStep(id, preview) }
  }
  const start = (kind: 'rule' | 'silence', number = 0): Answer => {
    const id = randomUUID()
    drafts.set(id, { kind, number, step: 1, values: {} })
    return form(id)
  }
  const perform = (command: Command, person: Person): Answer => {
    switch (command.name) {
      case 'list': {
        const all = [...incidents.values()]
          .map(({ incident }) => incident)
          .filter(({ alerts: [alert] }) => alert.state === 'FIRING')
        return {
          kind: 'message',
          message: incidentList({ only: command.only, incidents: all, total: all.length }, clock()),
        }
      }
      case 'show': {
        const story = storyOf(command.number)
        return story
          ? { kind: 'message', message: composeStory(story, clock()) }
          : { kind: 'refused', because: `There is no alert #${command.number}.` }
      }
      case 'acknowledge':
        return settle(command.numbers[0] ?? 0, 'acknowledged', person)
      case 'resolve':
        return settle(command.numbers[0] ?? 0, 'resolved', person)
      case 'silence':
        return command.until ? settle(command.number, 'silenced', person) : start('silence', command.number)
      case 'rule-list':
        return { kind: 'message', message: ruleList({ rules: [], total: 0, firing: 0 }) }
      case 'rule-create':
        return start('rule')
      case 'help':
        return { kind: 'message', message: help(command.topic) }
      default:
        return { kind: 'refused', because: `This page is not shown with ${command.name}.` }
    }
  }
  const front: Front = {
    say: async (text, person) => {
      said.push({ text, person })
      const parsed = parseCommand(text)
      return isComplaint(parsed) ? { kind: 'refused', because: parsed.complaint } : perform(parsed, person)
    },
    perform: async (command, person) => perform(command, person),
    submit: async (id, values, person) => {
      const draft = drafts.get(id)
      if (!draft) return form(id)
      if (draft.kind === 'silence') return settle(draft.number, 'silenced', person)
      drafts.set(id, { ...draft, values: { ...draft.values, ...values } })
      const next = drafts.get(id)!
      if (next.step === 1 && nameProblems(next.values).length > 0) return form(id)
      if (next.step === 3) {
        drafts.delete(id)
        const headline = `Saved: ${next.values['name']}`
        return { kind: 'message', message: message({ headline, tone: 'resolved' }) }
      }
      drafts.set(id, { ...next, step: next.step + 1 })
      return form(id)
    },
    reopen: async (id) => form(id),
    meet: async ({ externalId, name }) => {
      const person: Person = {
        kind: 'person',
        id: people.get(externalId)?.id ?? randomUUID(),
        name,
        surface: 'local',
        role: 'OPERATOR',
      }
      people.set(externalId, person)
      return person
    },
    rememberPlace: async () => undefined,
    forgetPlace: async () => undefined,
    noteRefusal: () => undefined,
    clock,
    log: pino({ level: 'silent' }),
  }
  const chat: LocalChat = {
    list: async ({ limit, before = Infinity }) => messages.filter(({ id }) => id < before).slice(-limit),
    openIncidents: async () =>
      [...incidents.values()].flatMap(
        ({
          incident: {
            number,
            alerts: [alert],
          },
        }) =>
          alert.state === 'FIRING'
            ? [{ number, title: alert.title, state: alert.acknowledgedAt ? 'ACKNOWLEDGED' : 'FIRING' }]
            : [],
      ),
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  return {
    front,
    chat,
    said,
    fire: ({ minutesAgo = 1, ...parts } = {}) => {
      const number = 41 + incidents.size + 1
      const startedAt = new Date(clock().getTime() - minutesAgo * 60_000)
      const alert: Alert = {
        ...ordinaryAlert,
        id: randomUUID(),
        startedAt,
        firedAt: startedAt,
        picture: picture(startedAt),
        ...parts,
      }
      const incident: Incident = {
        id: randomUUID(),
        number,
        environment: 'prod',
        openedAt: startedAt,
        closedAt: null,
        alerts: [alert],
      }
      const id = messages.length + 1
      incidents.set(number, { incident, timeline: [], messageId: id })
      const at = startedAt.toISOString()
      put({
        id,
        number,
        message: composeIncident({ incident, timeline: [], suppression: undefined }, clock()),
        thread: [],
        postedAt: at,
        updatedAt: at,
      })
      return number
    },
    recover: (number) =>
      refresh(
        number,
        { at: clock(), actor: { kind: 'clock' }, kind: 'recovered', details: { lasted: '4 min' } },
        { state: 'RESOLVED', resolvedAt: clock() },
      ),
    post: (text) => {
      const at = clock().toISOString()
      put({ id: messages.length + 1, message: text, thread: [], postedAt: at, updatedAt: at })
    },
  }
}

/** A form always sends every field; a test may send what it is about. */
function nameProblems(values: FormValues): readonly FieldProblem[] {
  return subjectProblems({ kind: 'ROUTE_METRIC', severity: 'WARNING', ...values })
}

export interface ServedConsole {
  readonly url: string
  close(): Promise<void>
}

/** The real door and the real page on a free port of loopback. */
export async function serveConsole(
  house: ChatHouse,
  options: { access?: Access; publicUrl?: string; port?: number } = {},
): Promise<ServedConsole> {
  const page = await builtConsole({ folder: join(tmpdir(), 'tocsin-test-console'), report: () => undefined })
  // Clients keep spare connections open that never carried a request; closing must not wait for those.
  const app = Fastify({ forceCloseConnections: true })
  consoleDoor(app, { front: house.front, chat: house.chat, page, access: { kind: 'loopback' }, ...options })
  const url = await app.listen({ host: '127.0.0.1', port: options.port ?? 0 })
  return { url, close: () => app.close() }
}
