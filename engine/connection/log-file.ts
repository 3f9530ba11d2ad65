import { z } from 'zod'
import { defineConnection } from './connection.ts'

export const logFileSettings = z.strictObject({
  /** A name and no path: where such files are is for whoever runs this house to say (TOCSIN_ALERT_LOG_DIR). */
  file: z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/,
      'The name of a file such as alerts.log, of letters, digits, dots, dashes and underscores. It is put into the folder TOCSIN_ALERT_LOG_DIR.',
    )
    .default('alerts.log'),
  maxSizeMb: z.number().min(0.01, 'At least 0.01 MB.').max(10_240, 'At most 10,240 MB.').default(50),
  /** The one that is written and those before it. */
  maxFiles: z.int().min(1, 'At least 1.').max(100, 'At most 100.').default(5),
})

export type LogFileSettings = z.infer<typeof logFileSettings>

export const logFile = defineConnection<LogFileSettings>({
  kind: 'log-file',
  label: 'Log file',
  about: 'Appends a line of JSON for every turn of an alert to a file that is rotated by its size.',
  settings: logFileSettings,
  secrets: [],
  hostOf: () => undefined,
})
