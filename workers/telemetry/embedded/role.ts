import { endpointUrl, type Endpoint } from './endpoint.ts'
import { z } from 'zod'

const patienceMs = 2_000
const farewellSchema = z.object({ ending: z.boolean() })

/** Tells the engine that this role still uses it; false when nobody of ours answers there. */
export async function attend(endpoint: Endpoint, role: string): Promise<boolean> {
  try {
    const response = await callIn(endpoint, role, 'PUT')
    return response.ok
  } catch {
    return false
  }
}

/** Takes leave; true when the engine ends because nobody else uses it. */
export async function leave(endpoint: Endpoint, role: string): Promise<boolean> {
  try {
    const response = await callIn(endpoint, role, 'DELETE')
    return farewellSchema.parse(await response.json()).ending
  } catch {
    return false
  }
}

async function callIn(endpoint: Endpoint, role: string, method: 'PUT' | 'DELETE'): Promise<Response> {
  const { origin, username, password } = new URL(endpointUrl(endpoint))
  const pair = Buffer.from(`${username}:${password}`).toString('base64')
  return fetch(`${origin}/roles/${role}`, {
    method,
    headers: { authorization: `Basic ${pair}` },
    signal: AbortSignal.timeout(patienceMs),
  })
}
