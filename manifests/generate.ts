import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { generatedFiles, type Installation } from './generated.ts'

const usage = `npm run manifests
  Writes the manifests in this folder anew, after a command has changed.

npm run manifests -- --out <folder> [--public-url <https URL>] [--teams-app-id <UUID>]
  Writes those of one installation somewhere else, with the icons Teams wants beside its manifest.`

async function main(words: string[]): Promise<void> {
  const { out, help, ...installation } = readWords(words)
  if (help) return console.log(usage)
  const folder = out === undefined ? import.meta.dirname : resolve(out)
  for (const [name, text] of Object.entries(generatedFiles(installation))) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
    console.log(join(folder, name))
  }
  if (out !== undefined) await copyIcons(folder)
}

function readWords(
  args: string[],
): Installation & { readonly out: string | undefined; readonly help: boolean } {
  const { values } = parseArgs({
    args,
    options: {
      out: { type: 'string' },
      'public-url': { type: 'string' },
      'teams-app-id': { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const { out, help, 'public-url': publicUrl, 'teams-app-id': teamsAppId } = values
  if (out === undefined && (publicUrl ?? teamsAppId) !== undefined) {
    throw new Error(
      `The files in this folder belong to nobody's installation: say where to write, with --out.\n\n${usage}`,
    )
  }
  if (publicUrl !== undefined && !(URL.canParse(publicUrl) && new URL(publicUrl).protocol === 'https:')) {
    throw new Error(`--public-url: found ${publicUrl}, expected a URL such as https://alerts.example.com`)
  }
  if (teamsAppId !== undefined && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(teamsAppId)) {
    throw new Error(`--teams-app-id: found ${teamsAppId}, expected the application (client) id, a UUID`)
  }
  return { out, help, publicUrl, teamsAppId }
}

async function copyIcons(folder: string): Promise<void> {
  for (const icon of ['color.png', 'outline.png']) {
    await copyFile(join(import.meta.dirname, 'teams', icon), join(folder, 'teams', icon))
  }
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
