import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What a running server says of itself in its data folder. */
export interface PostmasterFile {
  readonly path: string
  /** NaN when the file is empty: the server was killed, or the disk full, while it was written. */
  readonly pid: number
  readonly port: number
  readonly isReady: boolean
}

/** Lines: https://www.postgresql.org/docs/18/storage-file-layout.html and src/include/utils/pidfile.h. */
export async function readPostmasterFile(dataFolder: string): Promise<PostmasterFile | undefined> {
  const path = join(dataFolder, 'postmaster.pid')
  const content = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (content === undefined) return undefined
  const lines = content.split('\n')
  return {
    path,
    pid: Number.parseInt(lines[0] ?? '', 10),
    port: Number.parseInt(lines[3] ?? '', 10),
    isReady: lines[7]?.trim() === 'ready',
  }
}
