import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

export const engineUser = 'tocsin'

const endpointSchema = z.object({
  pid: z.int().positive(),
  port: z.int().positive(),
  password: z.string().min(20),
})

/** Where the engine of a folder answers; only the process holding the data folder writes it. */
export type Endpoint = z.infer<typeof endpointSchema>

/** Absent or unreadable both mean "nobody knows": the next engine writes a new one. */
export async function findEndpoint(folder: string): Promise<Endpoint | undefined> {
  try {
    return endpointSchema.parse(JSON.parse(await readFile(endpointFile(folder), 'utf8')))
  } catch {
    return undefined
  }
}

export async function saveEndpoint(folder: string, endpoint: Endpoint): Promise<void> {
  const unfinished = `${endpointFile(folder)}.${endpoint.pid}`
  await writeFile(unfinished, JSON.stringify(endpoint), { mode: 0o600 })
  await rename(unfinished, endpointFile(folder))
}

export function endpointUrl({ port, password }: Endpoint): string {
  return `http://${engineUser}:${password}@127.0.0.1:${port}`
}

function endpointFile(folder: string): string {
  return join(folder, 'endpoint.json')
}
