import { join } from 'node:path'
import { freePort, inFreshFolder } from '../product.ts'
import { withProgram } from './program.ts'
import type { Side } from './side.ts'

/** The ceiling of the generator and the receiver on this machine: a server that does next to nothing. */
export const nothing: Side = {
  name: async () => 'a server that does nothing',
  withServer: ({ case: { groups }, webhookUrl }, use) =>
    inFreshFolder(async (folder) => {
      const port = await freePort()
      const origin = `http://127.0.0.1:${port}`
      const program = {
        path: process.execPath,
        words: [
          join(import.meta.dirname, 'nothing-server.ts'),
          String(port),
          webhookUrl,
          groups === undefined ? 'own' : 'groups',
        ],
        readyUrl: origin,
      }
      return withProgram(program, (pid) => use({ origin, headers: {}, pid, folder, hasPages: false }))
    }),
}
