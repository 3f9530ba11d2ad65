import type { RouteChange } from './command.ts'
import { complain, type Complaint } from './complaint.ts'

/** `backups error to dba, ops`: which rows and names there are is found out where the routing is at hand. */
export function readRoute(
  [row, severity, verb]: readonly (string | undefined)[],
  typed: string,
): RouteChange | Complaint {
  if (row === undefined) return complain('route', 'Which category?')
  if (severity === undefined) return complain('route', 'Which severity: info, warning or error?')
  const cell = { name: 'route', row, severity } as const
  if (verb === 'default') return { ...cell, to: 'default' }
  if (verb === 'nobody') return { ...cell, to: [] }
  const [, names] = /^\S+\s+\S+\s+to\s+(.+)$/isu.exec(typed) ?? []
  if (names === undefined)
    return complain('route', 'Say to whom: to and the names of receivers or chats, nobody, or default.')
  return { ...cell, to: names.split(',').map(unquoted).filter(Boolean) }
}

function unquoted(name: string): string {
  return name.trim().replaceAll(/^["“”]|["“”]$/gu, '')
}
