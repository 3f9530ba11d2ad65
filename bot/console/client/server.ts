import type { LocalMessage, OpenIncident } from '#bot/console/local-chat.ts'
import type { Answer } from '#engine/command/answer.ts'
import type { FormValues } from '#engine/view/form.ts'

export interface Me {
  readonly name: string
  readonly role: string
}

/** The server answered no; `message` is its own sentence. */
class Refused extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.name = 'Refused'
    this.status = status
  }
}

export function isSignedOut(error: unknown): boolean {
  return error instanceof Refused && error.status === 401
}

export const say = (text: string) => ask<Answer>('POST', '/chat/say', { text })

export const submitForm = (id: string, values: FormValues) =>
  ask<Answer>('POST', `/chat/forms/${encodeURIComponent(id)}`, { values })

export const reopenForm = (id: string) => ask<Answer>('GET', `/chat/forms/${encodeURIComponent(id)}`)

export const loadMe = () => ask<Me>('GET', '/chat/me')

export const saveName = (name: string) => ask<Me>('PUT', '/chat/me', { name })

export const signIn = (token: string) => ask<{ signedIn: boolean }>('POST', '/chat/sign-in', { token })

export const pageSize = 50

export async function loadMessages(before?: number): Promise<readonly LocalMessage[]> {
  const query = new URLSearchParams({ limit: `${pageSize}`, ...(before ? { before: `${before}` } : {}) })
  return (await ask<{ messages: LocalMessage[] }>('GET', `/chat/messages?${query}`)).messages
}

export async function loadIncidents(): Promise<readonly OpenIncident[]> {
  return (await ask<{ incidents: OpenIncident[] }>('GET', '/chat/incidents')).incidents
}

async function ask<Result>(method: string, path: string, body?: object): Promise<Result> {
  const response = await fetch(path, {
    method,
    ...(body ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {}),
  })
  if (response.ok) return (await response.json()) as Result
  const { error } = (await response.json().catch(() => ({}))) as { error?: string }
  throw new Refused(response.status, error ?? `Tocsin answered ${response.status}.`)
}

/** Every failure becomes an answer a person can read, because nothing they do may end in silence. */
export function becauseOf(error: unknown): string {
  if (error instanceof Refused) return error.message
  return 'Tocsin cannot be reached. Try again once it is back.'
}
