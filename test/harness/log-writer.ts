import { openAlertLog } from '#workers/notifiers/alert-log.ts'

/** A process whose files the system lets grow only so far; writes lines until it is stopped, and says what stopped it. */
const [folder = '', line = ''] = process.argv.slice(2)
const log = openAlertLog(folder)
try {
  for (let count = 0; count < 1000; count += 1)
    await log.append({ file: 'alerts.log', line: `${line}\n`, maxBytes: 1e9, maxFiles: 2 })
  console.log('no limit')
} catch (error) {
  console.log(error instanceof Error && 'code' in error ? error.code : error)
}
