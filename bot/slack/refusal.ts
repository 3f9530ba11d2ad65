import { message, type Message } from '#engine/message/message.ts'

export function refusal(because: string): Message {
  return message({ headline: 'Not done', lines: [[because]] })
}

export const strangersAreRefused = refusal('I only work for the members of the workspace I am installed in.')
