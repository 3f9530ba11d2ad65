import type { FailingState } from './severity-word.ts'

export const noticeCategories = [
  'metrics',
  'backups',
  'service-checks',
  'nodes',
  'commands',
  'repairs',
  'rolling-restart',
] as const

type NoticeCategory = (typeof noticeCategories)[number]

export interface NoticeType {
  readonly category: NoticeCategory
  readonly state: FailingState
  /** One line for a person. */
  readonly title: string
}

/** Everything a backup or a repair is known to report, by name, with how bad it is. */
export const noticeTypes = {
  'backup-remote-provider-error': backup('critical', 'The remote location of backups returns errors'),
  'backup-clear-local-snapshot-timed-out': backup('warning', 'Clearing local snapshots timed out'),
  'backup-local-snapshot-not-found': backup('warning', 'A local snapshot cannot be found'),
  'backup-local-process-error': backup('warning', 'The local backup process reports errors'),
  'backup-clear-remote-snapshot-timed-out': backup('warning', 'Clearing a remote snapshot timed out'),
  'backup-remote-process-error': backup('warning', 'The remote backup process reports errors'),
  'backup-remote-snapshot-not-found': backup('warning', 'A remote snapshot cannot be found'),
  'backup-not-triggered-paused': backup('warning', 'A backup was not triggered: backups are paused'),
  'backup-create-failed': backup('warning', 'A backup could not be created'),
  'backup-create-remote-config-failed': backup(
    'warning',
    'The remote configuration of backups could not be created',
  ),
  'backup-cassandra-snapshot-failed': backup('warning', 'Cassandra could not create a snapshot'),
  'backup-snapshot-request-timed-out': backup('warning', 'The request for a snapshot timed out'),
  'backup-node-inactive': backup('warning', 'A Cassandra node is inactive'),
  'backup-local-created': backup('info', 'A local backup was created'),
  'backup-deleted': backup('info', 'A backup was deleted'),
  'repair-update-error': repair(
    'critical',
    'Repairs cannot be updated: tables may have come or gone during a repair',
  ),
  'repair-cassandra-error': repair('critical', 'Cassandra reports an error of a repair process'),
  'repair-past-60-percent-misses-gc-grace': repair(
    'critical',
    'A repair over 60 % done will end after the gc_grace deadline',
  ),
  'repair-past-40-percent-misses-gc-grace': repair(
    'warning',
    'A repair over 40 % done will end after the gc_grace deadline',
  ),
  'repair-segment-failed': repair('warning', 'A repair segment failed'),
  'repair-segment-timed-out': repair('warning', 'A repair segment timed out'),
  'repair-retries-exhausted': repair('warning', 'A Cassandra repair still fails after its retries'),
  'repair-unit-error': repair('warning', 'A repair unit reports errors'),
  'repair-unknown-correlation': repair(
    'warning',
    'A repair reports errors for a correlation id that does not exist',
  ),
  'repair-request-timed-out': repair('warning', 'A repair request timed out: the host could not be reached'),
} as const satisfies Readonly<Record<string, NoticeType>>

export type NoticeName = keyof typeof noticeTypes

export function isNoticeName(name: string): name is NoticeName {
  return Object.hasOwn(noticeTypes, name)
}

function backup(state: FailingState, title: string): NoticeType {
  return { category: 'backups', state, title }
}

function repair(state: FailingState, title: string): NoticeType {
  return { category: 'repairs', state, title }
}
