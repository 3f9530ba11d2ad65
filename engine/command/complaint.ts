import type { CommandName } from './command.ts'
import { commandWord, usage } from './registry.ts'

/** What could not be understood, as a sentence for the person who typed it. */
export interface Complaint {
  readonly complaint: string
}

export function complain(name: CommandName, problem: string): Complaint {
  return { complaint: `${problem} Usage: /${commandWord} ${usage(name)}` }
}
