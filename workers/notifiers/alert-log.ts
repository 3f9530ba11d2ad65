import { constants, type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** A folder of log files that only whoever runs this house can choose. */
export interface AlertLog {
  /** One whole line, or none of it. What fails is an AlertLogRefused or an error of the system. */
  append(entry: LogAppend): Promise<void>
}

interface LogAppend {
  /** A name and no path. */
  readonly file: string
  readonly line: string
  readonly maxBytes: number
  /** The one that is written, and those before it. */
  readonly maxFiles: number
}

export class AlertLogRefused extends Error {
  override readonly name = 'AlertLogRefused'
}

/** Never through a link, and never waiting for somebody at the other end of a pipe. */
const appendOnly =
  constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK
const ownerWritesGroupReads = 0o640

/**
 * The file is opened anew for every line: whoever moves it away or deletes it (logrotate, a person) needs to tell nobody, and
 * a line is never written into what has been moved.
 */
export function openAlertLog(folder: string): AlertLog {
  const turns = new Map<string, Promise<void>>()
  return {
    append: (entry) => {
      const before = turns.get(entry.file) ?? Promise.resolve()
      const turn = before.catch(() => undefined).then(() => appendTo(folder, entry))
      turns.set(entry.file, turn)
      const forget = () => {
        if (turns.get(entry.file) === turn) turns.delete(entry.file)
      }
      turn.then(forget, forget)
      return turn
    },
  }
}

async function appendTo(folder: string, entry: LogAppend): Promise<void> {
  const { file, line, maxBytes, maxFiles } = entry
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(file)) throw new AlertLogRefused('It is no name of a file.')
  await mkdir(folder, { recursive: true, mode: 0o750 })
  const path = join(folder, file)
  const bytes = Buffer.from(line)
  const first = await openFile(path)
  try {
    const { size, ino } = await first.stat()
    if (size === 0 || size + bytes.length <= maxBytes) return await writeWhole(first, bytes, size)
    // Another process may have been faster.
    if ((await stat(path)).ino === ino) await rotate(path, maxFiles)
  } finally {
    await first.close()
  }
  const fresh = await openFile(path)
  try {
    await writeWhole(fresh, bytes, (await fresh.stat()).size)
  } finally {
    await fresh.close()
  }
}

async function openFile(path: string): Promise<FileHandle> {
  const handle = await open(path, appendOnly, ownerWritesGroupReads)
  if ((await handle.stat()).isFile()) return handle
  await handle.close()
  throw new AlertLogRefused('It is no ordinary file.')
}

/** A disk that fills up in the middle of a line must not leave half of it for the next one to be glued to. */
async function writeWhole(handle: FileHandle, bytes: Buffer, size: number): Promise<void> {
  try {
    await handle.writeFile(bytes)
  } catch (error) {
    await handle.truncate(size).catch(() => undefined)
    throw error
  }
}

/** By renaming, as collectors of logs expect: alerts.log becomes alerts.log.1, that becomes alerts.log.2, and the oldest goes. */
async function rotate(path: string, maxFiles: number): Promise<void> {
  if (maxFiles === 1) return rm(path)
  const names = [path, ...Array.from({ length: maxFiles - 1 }, (_, at) => `${path}.${at + 1}`)]
  for (let at = names.length - 1; at > 0; at -= 1) {
    await rename(names[at - 1] ?? '', names[at] ?? '').catch(ignoreMissing)
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}
