import { randomUUID } from 'node:crypto'
import type { webApi } from '@slack/bolt'
import type { Logger } from 'pino'
import type { Front } from '#bot/front.ts'
import { stranger } from '#engine/audit.ts'
import { message, type Message } from '#engine/message/message.ts'
import type { Person } from '#engine/person.ts'
import { displayName } from './display-name.ts'
import { explain } from './explain.ts'
import type { Recent } from './recent.ts'
import { strangersAreRefused } from './refusal.ts'
import { identify, type Speaker } from './speaker.ts'
import type { Workspace } from './workspace.ts'

/** What every listener of this door works with. */
export interface Reception {
  readonly front: Front
  readonly client: webApi.WebClient
  readonly workspace: Workspace
  readonly responders: ReadonlySet<string> | undefined
  /** What was handled already: Slack delivers events again, and sockets may deliver anything twice. */
  readonly handled: Recent<true>
  /** How to answer whoever opened a form, by form id: a sent form itself says nothing about where it came from. */
  readonly openers: Recent<Tell>
  readonly names: Recent<string>
  readonly log: Logger
}

/** Shows something to the one person who asked, and to nobody else. */
export type Tell = (said: Message) => Promise<unknown>

/**
 * Runs what somebody asked for as the person they are to us. Whatever goes wrong they are told, with a number that
 * is in the log, because a button that does nothing is worse than one that fails.
 */
export async function attempt(
  reception: Reception,
  asked: { what: string; speaker: Speaker; tell: Tell },
  work: (person: Person) => Promise<unknown>,
): Promise<void> {
  const { what, speaker, tell } = asked
  try {
    const identity = identify(speaker, reception.workspace, reception.responders)
    if (!identity) return await refuseStranger(reception, speaker, tell)
    const name = await displayName(reception.client, reception.names, speaker)
    await work(await reception.front.meet({ ...identity, name }))
  } catch (error) {
    await tell(failureMessage(reception, what, error)).catch((cause: unknown) => {
      reception.log.error({ err: cause, what }, 'could not tell the person in Slack that something failed')
    })
  }
}

async function refuseStranger(reception: Reception, speaker: Speaker, tell: Tell): Promise<void> {
  reception.log.warn({ user: speaker.userId, team: speaker.teamId }, 'refused somebody of another workspace')
  reception.front.noteRefusal({
    door: 'slack',
    actor: stranger(`${speaker.userId} of ${speaker.teamId ?? 'no workspace'}`),
    what: 'a request from another workspace',
    because: 'they are no member of the workspace this app is installed in',
  })
  await tell(strangersAreRefused)
}

function failureMessage(reception: Reception, what: string, error: unknown): Message {
  const reference = randomUUID().slice(0, 8)
  reception.log.error({ err: error, reference, what }, 'a request from Slack failed')
  return message({
    tone: 'warning',
    headline: 'That did not work',
    lines: [[explain(error)]],
    notes: [['Nothing more will happen by itself. Reference for the log: ', { code: reference }]],
  })
}
