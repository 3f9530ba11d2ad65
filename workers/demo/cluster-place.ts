import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

const placeSchema = z.object({
  elasticsearch: z.url().optional(),
  kubernetes: z.url().optional(),
  token: z.string().min(20),
})

/** Where the made-up clusters answer, and what they want to be shown. */
export type ClusterPlace = z.infer<typeof placeSchema>

/** Absent or unreadable both mean that nobody serves them. */
export async function findClusterPlace(folder: string): Promise<ClusterPlace | undefined> {
  try {
    return placeSchema.parse(JSON.parse(await readFile(fileIn(folder), 'utf8')))
  } catch {
    return undefined
  }
}

/** For every process that shares the folder, and for this user alone. */
export async function saveClusterPlace(folder: string, place: ClusterPlace): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const unfinished = `${fileIn(folder)}.${process.pid}`
  await writeFile(unfinished, JSON.stringify(place), { mode: 0o600 })
  await rename(unfinished, fileIn(folder))
}

export async function forgetClusterPlace(folder: string): Promise<void> {
  await rm(fileIn(folder), { force: true })
}

function fileIn(folder: string): string {
  return join(folder, 'clusters.json')
}
