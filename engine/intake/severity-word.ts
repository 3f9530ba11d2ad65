import type { CheckState } from '#engine/event.ts'

export type FailingState = Exclude<CheckState, 'ok'>

const words: Readonly<Record<FailingState, readonly string[]>> = {
  critical: [
    'critical',
    'crit',
    'error',
    'err',
    'high',
    'fatal',
    'page',
    'alert',
    'emergency',
    'disaster',
    'p1',
    'sev1',
  ],
  warning: ['warning', 'warn', 'medium', 'average', 'minor', 'ticket', 'p2', 'p3', 'sev2', 'sev3'],
  info: [
    'info',
    'informational',
    'information',
    'notice',
    'low',
    'none',
    'debug',
    'p4',
    'p5',
    'sev4',
    'sev5',
  ],
  unknown: ['unknown'],
}

const states = new Map<string, FailingState>(
  (Object.keys(words) as FailingState[]).flatMap((state) =>
    words[state].map((word) => [word, state] as const),
  ),
)

/** What sources call their severities, in any case; undefined for a word nobody has told us. */
export function stateOfSeverity(word: string): FailingState | undefined {
  return states.get(word.trim().toLowerCase())
}
