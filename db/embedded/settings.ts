/**
 * Written into postgresql.conf once, when the cluster is created; an operator may tune them there.
 * Small when idle, and a committed row is on the disk: fsync and synchronous_commit stay as they are, on.
 */
export const settings = {
  max_connections: '100',
  shared_buffers: '64MB',
  // The server's own I/O workers would be three idle processes.
  io_method: 'sync',
  autovacuum_worker_slots: '4',
  autovacuum_max_workers: '2',
  max_worker_processes: '4',
  max_parallel_workers_per_gather: '0',
  jit: 'off',
  // The queue retries its deadlocks, so finding them late only makes jobs late.
  deadlock_timeout: '100ms',

  // No replicas read this write-ahead log, so it need only carry us through a crash.
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_logical_replication_workers: '0',
  min_wal_size: '32MB',
  max_wal_size: '256MB',
  checkpoint_timeout: '15min',

  // Clients learn of their own mistakes; a statement in the log could carry a secret.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_checkpoints: 'off',
  log_autovacuum_min_duration: '-1',
  log_line_prefix: '%m [%p] ',
  log_timezone: 'UTC',
  timezone: 'UTC',
} as const

/** On the server's command line at every start: its address is ours to hold, whatever postgresql.conf says. */
export function addressSettings(port: number, clusterName: string): string {
  return [
    `-p ${port}`,
    '-c listen_addresses=127.0.0.1',
    '-c unix_socket_directories=',
    `-c cluster_name=${clusterName}`,
  ].join(' ')
}
