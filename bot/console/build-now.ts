import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { markFile, sourcesHash } from './build.ts'

/** `node bot/console/build-now.ts [folder]`: builds the page into a folder, by default the one every start looks at. */
async function buildNow(folder: string): Promise<void> {
  const [{ build }, { default: react }] = await Promise.all([import('vite'), import('@vitejs/plugin-react')])
  await build({
    root: join(import.meta.dirname, 'client'),
    // Nothing but this file decides, and nothing is written beside the sources: they may lie on a read-only disk.
    configFile: false,
    envFile: false,
    logLevel: 'error',
    mode: 'production',
    plugins: [react()],
    build: { outDir: folder, emptyOutDir: true, assetsInlineLimit: 0, modulePreload: false },
  })
  await writeFile(join(folder, markFile), await sourcesHash())
}

await buildNow(resolve(process.argv[2] ?? join(import.meta.dirname, 'dist')))
