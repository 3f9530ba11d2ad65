import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { requires } from '#test/harness/requires.ts'
import { freePort, inFreshFolder } from '../product.ts'
import { withProgram } from './program.ts'
import { routingOf, type Side } from './side.ts'

export const alertmanager: Side = {
  async name() {
    const { stdout, stderr } = await promisify(execFile)(findAlertmanager(), ['--version'])
    return `Alertmanager ${/version (\S+)/.exec(stdout + stderr)?.[1] ?? 'of an unknown version'}`
  },
  withServer: (setting, use) =>
    inFreshFolder(async (folder) => {
      const configuration = join(folder, 'alertmanager.yml')
      // JSON is YAML.
      await writeFile(configuration, JSON.stringify(routingOf(setting)))
      const origin = `http://127.0.0.1:${await freePort()}`
      const program = {
        path: findAlertmanager(),
        words: [
          `--config.file=${configuration}`,
          `--storage.path=${join(folder, 'data')}`,
          `--web.listen-address=${new URL(origin).host}`,
          '--cluster.listen-address=',
          '--log.level=warn',
        ],
        readyUrl: `${origin}/-/ready`,
      }
      return withProgram(program, (pid) => use({ origin, headers: {}, pid, folder, hasPages: false }))
    }),
}

function findAlertmanager(): string {
  const found = requires('prometheus-alertmanager')
  if ('missing' in found)
    throw new Error(`${found.missing}. Its service need not run: the bench starts its own. Or --side tocsin.`)
  return found.path
}
