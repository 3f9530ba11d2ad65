import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
// manifests/ is imported by nobody but its proof, so it has no name of its own among the rooms.
import { generatedFiles } from '../../manifests/generated.ts'

const room = join(import.meta.dirname, '..', '..', 'manifests')
const teamsAppId = '7d1c2b3a-0000-4000-8000-5a6b7c8d9e0f'

async function generate(...words: string[]): Promise<{ folder: string; said: string; code: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-manifests-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const script = join(room, 'generate.ts')
  const run = promisify(execFile)(process.execPath, [
    script,
    ...words.map((word) => word.replace('<folder>', folder)),
  ])
  return run.then(
    ({ stdout }) => ({ folder, said: stdout, code: 0 }),
    (error: { stderr: string; code: number }) => ({ folder, said: error.stderr, code: error.code }),
  )
}

test.each(Object.entries(generatedFiles()))('%s is what npm run manifests writes', async (name, text) => {
  expect(await readFile(join(room, name), 'utf8')).toBe(text)
})

test('an installation gets its own address, its own app id and the icons, in a folder of its own', async () => {
  const url = 'https://alerts.example.com'
  const { folder } = await generate('--out', '<folder>', '--public-url', url, '--teams-app-id', teamsAppId)
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.includes('.'))
  expect(files.sort()).toEqual(
    ['discord.json', 'slack.json', 'teams/color.png', 'teams/manifest.json', 'teams/outline.png'].sort(),
  )
  expect(JSON.parse(await readFile(join(folder, 'slack.json'), 'utf8'))).toMatchObject({
    features: { slash_commands: [{ command: '/alert', url: `${url}/slack/events` }] },
    settings: { socket_mode_enabled: false, interactivity: { request_url: `${url}/slack/events` } },
  })
  expect(JSON.parse(await readFile(join(folder, 'teams/manifest.json'), 'utf8'))).toMatchObject({
    id: teamsAppId,
    bots: [{ botId: teamsAppId }],
    composeExtensions: [{ botId: teamsAppId }],
  })
})

test.each([
  ['an address without a folder to write to', ['--public-url', 'https://alerts.example.com'], '--out'],
  [
    'an address Slack would refuse',
    ['--out', '<folder>', '--public-url', 'http://alerts.example.com'],
    '--public-url: found',
  ],
  [
    'an app id that is none',
    ['--out', '<folder>', '--teams-app-id', 'tocsin'],
    '--teams-app-id: found tocsin',
  ],
])('%s ends with what to do instead', async (_, words, complaint) => {
  const { folder, said, code } = await generate(...words)
  expect({ code, said }).toEqual({ code: 1, said: expect.stringContaining(complaint) })
  expect(await readdir(folder)).toEqual([])
})
