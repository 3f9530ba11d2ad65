import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

const programs = {
  'redis-server': { names: ['redis-server'], debianPackage: 'redis-server' },
  chromium: {
    names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    debianPackage: 'chromium',
  },
  amtool: { names: ['amtool'], debianPackage: 'prometheus-alertmanager' },
  'prometheus-alertmanager': {
    names: ['prometheus-alertmanager', 'alertmanager'],
    debianPackage: 'prometheus-alertmanager',
  },
  openssl: { names: ['openssl'], debianPackage: 'openssl' },
  prometheus: { names: ['prometheus'], debianPackage: 'prometheus' },
} as const

export type Program = keyof typeof programs

/** Looks for a program on PATH. `missing` is the reason to give to `context.skip`, see loud-skips.ts. */
export function requires(program: Program): { path: string } | { missing: string } {
  const { names, debianPackage } = programs[program]
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const path = folders.flatMap((folder) => names.map((name) => join(folder, name))).find(isExecutable)
  if (path !== undefined) return { path }
  return { missing: `${program} is not on PATH (Debian: apt-get install ${debianPackage})` }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
