import { formatDuration } from '#engine/duration.ts'
import { makeStorable } from '#engine/storable-text.ts'
import type { Failure, FailureLimits } from './failure.ts'

const longestDetail = 300

/** `orders-6d5f-x2x, container app: in a crash loop after 6 restarts, last with exit code 1: no such table.` */
export function describeFailure(failure: Failure, limits: FailureLimits): string {
  const { name, container, message } = failure
  const who = container === undefined ? name : `${name}, container ${container}`
  const detail = message === undefined ? '' : tidy(message)
  return closed(`${who}: ${predicate(failure, limits)}${detail === '' ? '' : `: ${detail}`}`)
}

function closed(sentence: string): string {
  return /[.!?…]$/.test(sentence) ? sentence : `${sentence}.`
}

/** Nothing in here changes by the mere passing of time: what people were told is edited when there is news. */
function predicate(failure: Failure, limits: FailureLimits): string {
  const { kind, reason, restarts = 0 } = failure
  switch (kind) {
    case 'OOM_KILLED':
      return `ran out of memory and was killed (${reason}${exit(failure)})`
    case 'CRASH_LOOP':
      return failure.isRecovering
        ? recovering(failure, limits)
        : `in a crash loop after ${times(restarts)}${lastExit(failure)}`
    case 'RESTARTS':
      if (failure.isRecovering) return recovering(failure, limits)
      return `${times(restarts)} after crashes within ${formatDuration(limits.windowSeconds)}${lastExit(failure)}`
    case 'IMAGE_PULL':
      return `cannot get its image (${reason})`
    case 'CONFIG_ERROR':
      return `cannot be started (${reason})`
    case 'FAILED':
      return `failed (${reason}${exit(failure)})`
    case 'EVICTED':
      return `was taken off its node (${reason})`
    case 'PENDING':
      return `pending for more than ${formatDuration(limits.pendingSeconds)} (${reason})`
  }
}

function recovering(failure: Failure, { stableSeconds }: FailureLimits): string {
  return `was started again after ${times(failure.restarts ?? 0)}, but has not run for ${formatDuration(stableSeconds)} yet${lastExit(failure)}`
}

function times(restarts: number): string {
  return restarts === 1 ? '1 restart' : `${restarts} restarts`
}

function exit({ exitCode }: Failure): string {
  return exitCode === undefined ? '' : `, exit code ${exitCode}`
}

function lastExit({ exitCode }: Failure): string {
  return exitCode === undefined ? '' : `, last with exit code ${exitCode}`
}

/** Logs and kubelet messages have many lines; a chat has room for the beginning. */
function tidy(message: string): string {
  const line = makeStorable(message).replaceAll(/\s+/g, ' ').trim()
  const characters = Array.from(line)
  return characters.length <= longestDetail ? line : `${characters.slice(0, longestDetail - 1).join('')}…`
}
