import { resolve } from 'node:path'
import { type AlertLog, openAlertLog } from '#workers/notifiers/alert-log.ts'
import type { Settings } from './environment.ts'

/** Where connections of the kind log-file write; undefined = nobody said where, so they may not. */
export function alertLogOf({ TOCSIN_ALERT_LOG_DIR: folder }: Settings): AlertLog | undefined {
  if (folder === undefined) return undefined
  // Whoever rotates logs tells their writers so. Here every line opens its file anew: there is nothing to do, but to live on.
  process.on('SIGHUP', () => undefined)
  return openAlertLog(resolve(folder))
}
