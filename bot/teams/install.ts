import { commandWord } from '#engine/command/registry.ts'
import { message } from '#engine/message/message.ts'
import type { Front, Place } from '#bot/front.ts'
import { placeId } from './activity.ts'
import type { TeamsActivity } from './activity.ts'
import type { Turn } from './botbuilder.ts'
import { messageActivity } from './reply.ts'

interface Installing {
  readonly front: Front
  readonly turn: Turn
  readonly personalAlerts: boolean
}

/**
 * Installing the app in a team or a group chat makes that the place of alerts; for oneself it does so only where
 * the settings want it. Teams tells it twice, as `installationUpdate` and as
 * `conversationUpdate`; only the first is greeted.
 */
export async function noticeInstall(
  activity: TeamsActivity,
  { front, turn, personalAlerts }: Installing,
): Promise<void> {
  const place = placeOf(activity)
  const { type, action = '', membersAdded = [], membersRemoved = [], channelData, recipient } = activity
  const isUs = ({ id }: { id: string }) => id === recipient.id
  const hearsAlerts = personalAlerts || place.address['kind'] !== 'personal'
  if (type === 'installationUpdate' && action.startsWith('add')) {
    if (hearsAlerts) await front.rememberPlace(place)
    if (action === 'add') await turn.reply(messageActivity(hearsAlerts ? welcome() : personalWelcome()))
  } else if (type === 'installationUpdate' && action.startsWith('remove')) {
    await front.forgetPlace('teams', place.key)
  } else if (channelData?.eventType === 'channelDeleted' && channelData.channel) {
    await front.forgetPlace('teams', channelData.channel.id)
  } else if (membersAdded.some(isUs)) {
    if (hearsAlerts) await front.rememberPlace(place)
  } else if (membersRemoved.some(isUs)) {
    await front.forgetPlace('teams', place.key)
  }
}

function placeOf(activity: TeamsActivity): Place {
  const { conversation, channelData, recipient, serviceUrl, from } = activity
  const chosen = channelData?.settings?.selectedChannel
  const key = placeId(chosen?.id ?? conversation.id)
  return {
    surface: 'teams',
    key,
    name: chosen?.name ?? channelData?.team?.name ?? conversation.name ?? from.name ?? 'Teams',
    address: {
      serviceUrl,
      conversation: key,
      kind: conversation.conversationType ?? 'personal',
      tenant: conversation.tenantId ?? channelData?.tenant?.id ?? '',
      bot: recipient.id,
    },
  }
}

function personalWelcome() {
  return message({
    headline: 'Tocsin is here: ask me what is wrong',
    lines: [
      [`Say "${commandWord} list" for what is wrong now, or "${commandWord} help" for the rest.`],
      ['Alerts are posted where I am added to a team or a group chat.'],
    ],
    actions: [
      { kind: 'button', label: 'What is wrong now', command: 'list', style: 'primary' },
      { kind: 'button', label: 'Create a rule', command: 'rule create' },
    ],
  })
}

function welcome() {
  return message({
    headline: 'Tocsin is here: alerts are posted to this conversation from now on',
    lines: [
      ['Each alert is one message that stays true: acknowledge, silence or resolve it with its buttons.'],
      [
        `Mention me and say "${commandWord} list" for what is wrong now, or "${commandWord} help" for the rest.`,
      ],
      ['Removing the app from this conversation stops the alerts here.'],
    ],
    actions: [
      { kind: 'button', label: 'What is wrong now', command: 'list', style: 'primary' },
      { kind: 'button', label: 'Create a rule', command: 'rule create' },
    ],
  })
}
