import { copyFile, open, stat, truncate } from 'node:fs/promises'

const limitBytes = 5 * 2 ** 20

/** Keeps a server's log from filling the disk: what is beyond the limit moves to one older file. */
export async function trimLog(file: string): Promise<void> {
  if ((await markEnd(file)) <= limitBytes) return
  // The server holds the file open for appending, so it is copied and emptied, not renamed.
  await copyFile(file, `${file}.1`)
  await truncate(file)
}

export async function markEnd(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  )
}

export async function readSince(path: string, start: number): Promise<string> {
  const file = await open(path).catch(() => undefined)
  if (!file) return ''
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(64 * 1024), position: start })
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await file.close()
  }
}
