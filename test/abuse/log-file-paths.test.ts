import { execFile } from 'node:child_process'
import {
  constants,
  link,
  mkdir,
  mkdtemp,
  open,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readConnectionDraft } from '#engine/connection/draft.ts'
import { aTelling, openedConnection } from '#test/harness/connection-things.ts'
import { start } from '#test/harness/engine-things.ts'
import type { Outside } from '#workers/egress/outside.ts'
import { openAlertLog } from '#workers/notifiers/alert-log.ts'
import { openDriver } from '#workers/notifiers/connections.ts'

const run = promisify(execFile)

let folder: string
let outside: Outside

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-log-'))
  outside = {
    request: () => Promise.reject(new Error('a log file asks nobody')),
    socketTo: () => Promise.reject(new Error('a log file asks nobody')),
    mail: {
      send: () => Promise.reject(new Error('a log file asks nobody')),
      close: () => undefined,
    },
    clock: () => start,
    alertLog: openAlertLog(folder),
  }
})
afterEach(() => rm(folder, { recursive: true }))

const write = (file = 'alerts.log', summary = 'x') =>
  openDriver(openedConnection({ kind: 'log-file', settings: { file } }), outside).post(
    {},
    aTelling({ summary }),
    'd',
  )

describe('a log file stays where it belongs (abuse case 22)', () => {
  test.each([
    '../../etc/cron.d/x',
    '/etc/cron.d/x',
    'sub/alerts.log',
    '..',
    '.hidden',
    'alerts.log\n',
    'alerts.log\0',
    'a\\b',
    '',
    'x'.repeat(300),
  ])('%j is no name', async (file) => {
    const draft = readConnectionDraft({ name: 'log', kind: 'log-file', settings: { file } })
    expect(draft).toMatchObject({ problems: [{ field: 'settings.file' }] })
    const around = outside.alertLog?.append({ file, line: 'x\n', maxBytes: 100, maxFiles: 1 })
    await expect(around).rejects.toThrow(/no name of a file/)
  })

  test('a symbolic link is not followed', async () => {
    const victim = join(folder, 'victim')
    await writeFile(victim, 'as it was')
    await symlink(victim, join(folder, 'alerts.log'))
    await expect(write()).rejects.toMatchObject({
      retry: 'never',
      message: expect.stringMatching(/symbolic link/),
    })
    expect(await readFile(victim, 'utf8')).toBe('as it was')
  })

  test('a link that leads nowhere makes nothing there', async () => {
    await symlink(join(folder, 'made'), join(folder, 'alerts.log'))
    await expect(write()).rejects.toMatchObject({ retry: 'never' })
    await expect(stat(join(folder, 'made'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('a pipe nobody reads is refused at once, and one somebody reads too', async () => {
    const pipe = join(folder, 'alerts.log')
    await run('mkfifo', [pipe])
    await expect(write()).rejects.toMatchObject({ retry: 'never', message: expect.stringMatching(/pipe/) })
    const reader = await open(pipe, constants.O_RDWR | constants.O_NONBLOCK)
    await expect(write()).rejects.toMatchObject({
      retry: 'never',
      message: expect.stringMatching(/no ordinary file/),
    })
    await reader.close()
  })

  test('a folder is refused, and other files go on', async () => {
    await mkdir(join(folder, 'alerts.log'))
    await Promise.all([
      expect(write()).rejects.toMatchObject({ retry: 'never', message: expect.stringMatching(/folder/) }),
      write('other.log'),
    ])
    expect(await readFile(join(folder, 'other.log'), 'utf8')).toMatch(/^\{.*\}\n$/)
  })

  test('a full disk is said to be full, tried again later, and leaves whole lines', async () => {
    const writer = resolve(import.meta.dirname, '../harness/log-writer.ts')
    // Files of this process end at 8 blocks, in the middle of a line.
    const limited = `ulimit -f 8; exec "${process.execPath}" "${writer}" "${folder}" "${'x'.repeat(999)}"`
    const { stdout } = await run('bash', ['-c', limited])
    expect(stdout.trim()).toBe('EFBIG')
    const text = await readFile(join(folder, 'alerts.log'), 'utf8')
    expect(text.length % 1000).toBe(0)
    expect(text.length).toBeGreaterThan(1000)
  })

  test('where nothing may be written, it waits for somebody to change that', async () => {
    await writeFile(join(folder, 'file'), '')
    const nowhere = { ...outside, alertLog: openAlertLog(join(folder, 'file', 'below')) }
    const told = openDriver(openedConnection({ kind: 'log-file' }), nowhere).post({}, aTelling(), 'd')
    await expect(told).rejects.toMatchObject({ retry: 'later', fault: 'config' })
  })

  test('line breaks of any alphabet make no second line', async () => {
    await write('alerts.log', 'one\ntwo\r\nthree\u2028four\u2029five\u0085six')
    const text = await readFile(join(folder, 'alerts.log'), 'utf8')
    expect(text.split(/\r|\n|\u2028|\u2029|\u0085/)).toHaveLength(2)
    expect(JSON.parse(text)).toMatchObject({ summary: expect.stringMatching(/^one\ntwo/) })
  })

  test('its rotation harms nobody who has another name for it', async () => {
    await write()
    await link(join(folder, 'alerts.log'), join(folder, 'kept'))
    const one = openedConnection({ kind: 'log-file', settings: { maxSizeMb: 0.01, maxFiles: 1 } })
    for (let at = 0; at < 12; at += 1)
      await openDriver(one, outside).post({}, aTelling({ summary: 'y'.repeat(3000) }), `d${at}`)
    expect(await readFile(join(folder, 'kept'), 'utf8')).toMatch(/"summary":"x"/)
  })
})
