import pino, { type DestinationStream, type Logger } from 'pino'
import { withoutStatement } from '#db/errors.ts'

export function openLog(level: string, destination: DestinationStream): Logger {
  const { err } = pino.stdSerializers
  return pino({ level, serializers: { err: (error: Error) => err(withoutStatement(error)) } }, destination)
}
