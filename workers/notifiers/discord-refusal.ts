const permissions = 'View Channel, Send Messages, Embed Links and Read Message History'

/** By Discord's JSON error codes; see "Opcodes and Status Codes" in its developer documentation. */
const reasons: Readonly<Record<string, string>> = {
  10003: 'knows no such channel. It was deleted, or its id is wrong.',
  50001: `does not let the bot see this channel. Give it ${permissions} there.`,
  50013: `does not let the bot write in this channel. Give it ${permissions} there.`,
}

/** Why Discord would not take a message, for the person who can change it. */
export function describeRefusal(refusal: { status: number; code: number | string; message: string }): string {
  if (refusal.status === 401) {
    return 'Discord refused the token in DISCORD_TOKEN. Put in a valid one and restart; nothing is sent until then.'
  }
  const reason = reasons[refusal.code]
  return reason
    ? `Discord ${reason}`
    : `Discord refused the message (status ${refusal.status}, code ${refusal.code}): ${refusal.message}`
}
