import { randomUUID } from 'node:crypto'
import type { Person } from '#engine/person.ts'
import type { Front } from '#bot/front.ts'
import { spokenText, tenantsOf } from './activity.ts'
import type { TeamsActivity } from './activity.ts'
import type { InvokeAnswer, Turn } from './botbuilder.ts'
import { answerClick, failedClick } from './card-action.ts'
import { note, openDialog, submitDialog } from './dialog.ts'
import { noticeInstall } from './install.ts'
import type { Once } from './once.ts'
import { replyTo, textActivity } from './reply.ts'
import { z } from 'zod'

export interface Desk {
  readonly front: Front
  readonly once: Once
  readonly personalAlerts: boolean
}

interface Invoke {
  readonly answer: (value: unknown, person: Person, front: Front) => Promise<unknown>
  readonly failed: (text: string) => unknown
  /** True where a client's second try must not be a second doing. */
  readonly changes: boolean
}

const opening: Invoke = { answer: openDialog, failed: note, changes: false }
const submitting: Invoke = { answer: submitDialog, failed: note, changes: true }

const invokes: ReadonlyMap<string, Invoke> = new Map([
  ['adaptiveCard/action', { answer: answerClick, failed: failedClick, changes: true }],
  ['task/fetch', opening],
  ['composeExtension/fetchTask', opening],
  ['task/submit', submitting],
  ['composeExtension/submitAction', submitting],
])

/** Takes an activity whose sender is proven and admitted. Only an invoke has an answer. */
export async function takeTurn(
  activity: TeamsActivity,
  turn: Turn,
  desk: Desk,
): Promise<InvokeAnswer | undefined> {
  switch (activity.type) {
    case 'invoke':
      return answerInvoke(activity, desk)
    case 'message':
      await desk.once(`message ${activity.conversation.id} ${activity.id ?? randomUUID()}`, () =>
        answerMessage(activity, turn, desk.front),
      )
      return undefined
    case 'installationUpdate':
    case 'conversationUpdate':
      await noticeInstall(activity, { ...desk, turn })
      return undefined
    default:
      return undefined
  }
}

async function answerInvoke(activity: TeamsActivity, { front, once }: Desk): Promise<InvokeAnswer> {
  const invoke = invokes.get(activity.name ?? '')
  if (!invoke) return { status: 501 }
  const work = async () => invoke.answer(activity.value, await meet(activity, front), front)
  try {
    return { status: 200, body: await (invoke.changes ? once(keyOf(activity), work) : work()) }
  } catch (error) {
    return { status: 200, body: invoke.failed(apology(error, front)) }
  }
}

function keyOf({ conversation, replyToId, from, name, value }: TeamsActivity): string {
  return JSON.stringify([conversation.id, replyToId, from.id, name, value])
}

/** An app too old for Action.Execute sends a button's data as a message without text. */
const legacyClick = z.object({ command: z.string().max(1000) })

async function answerMessage(activity: TeamsActivity, turn: Turn, front: Front): Promise<void> {
  const command = legacyClick.safeParse(activity.value).data?.command ?? spokenText(activity)
  const said = await meet(activity, front)
    .then(async (person) => replyTo(command, await front.say(command, person)))
    .catch((error: unknown) => textActivity(apology(error, front)))
  await turn.reply(said)
}

function meet(activity: TeamsActivity, front: Front): Promise<Person> {
  const { from } = activity
  const [tenant = ''] = tenantsOf(activity)
  return front.meet({
    surface: 'teams',
    tenant,
    externalId: from.aadObjectId ?? from.id,
    name: from.name ?? 'Someone',
  })
}

function apology(error: unknown, front: Front): string {
  const id = randomUUID().slice(0, 8)
  front.log.error({ err: error, id }, 'A request from Teams failed')
  return `That did not work, and it is our fault. Try again; if it stays so, look for ${id} in the log.`
}
