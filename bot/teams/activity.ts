import { z } from 'zod'

const account = z.object({
  id: z.string().min(1),
  name: z.string().optional(),
  aadObjectId: z.string().optional(),
})

/**
 * What we read of an activity, after https://github.com/microsoft/Agents/blob/main/specs/activity/protocol-activity.md
 * and Teams' own `channelData`. `serviceUrl` must be there: botbuilder compares it with the token only when it is.
 */
const activity = z.object({
  type: z.string(),
  id: z.string().optional(),
  name: z.string().optional(),
  action: z.string().optional(),
  channelId: z.literal('msteams'),
  serviceUrl: z.url({ protocol: /^https?$/ }),
  from: account.extend({ tenantId: z.string().optional() }),
  recipient: account,
  conversation: z.object({
    id: z.string().min(1),
    name: z.string().optional(),
    tenantId: z.string().optional(),
    conversationType: z.string().optional(),
  }),
  replyToId: z.string().optional(),
  text: z.string().optional(),
  entities: z.array(z.looseObject({ type: z.string() })).optional(),
  membersAdded: z.array(account).optional(),
  membersRemoved: z.array(account).optional(),
  channelData: z
    .object({
      eventType: z.string().optional(),
      tenant: z.object({ id: z.string() }).optional(),
      team: z.object({ name: z.string().optional() }).optional(),
      channel: z.object({ id: z.string(), name: z.string().optional() }).optional(),
      settings: z
        .object({ selectedChannel: z.object({ id: z.string(), name: z.string().optional() }).optional() })
        .optional(),
    })
    .optional(),
  value: z.unknown().optional(),
})

export type TeamsActivity = z.infer<typeof activity>

export function readActivity(json: unknown): TeamsActivity | undefined {
  return activity.safeParse(json).data
}

/** Every tenant the activity names; a chat that two organisations share names two. */
export function tenantsOf({ conversation, channelData, from }: TeamsActivity): string[] {
  return [conversation.tenantId, channelData?.tenant?.id, from.tenantId].filter((id) => id !== undefined)
}

/** A reply in a channel's thread is addressed as `19:…@thread.tacv2;messageid=…`; the place is what stands before. */
export function placeId(conversation: string): string {
  return conversation.replace(/;messageid=.*$/, '')
}

/** What the person meant by their text: without the mention that woke us, and with plain spaces. */
export function spokenText({ text = '', entities = [], recipient }: TeamsActivity): string {
  const mentions = entities.filter(
    (entity) => entity.type === 'mention' && accountId(entity['mentioned']) === recipient.id,
  )
  const rest = mentions.reduce<string>((left, { text }) => left.replace(String(text), ' '), text)
  return rest
    .replace(/<\/?at[^>]*>/gu, '')
    .replace(/&nbsp;/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim()
}

function accountId(value: unknown): string | undefined {
  return account.safeParse(value).data?.id
}
