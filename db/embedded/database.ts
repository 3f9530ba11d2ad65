import { realpath } from 'node:fs/promises'
import postgres from 'postgres'
import { type Cluster, superuser } from './cluster.ts'
import { waitingOutRecovery } from './recovering.ts'

const user = 'tocsin'
const database = 'tocsin'

export const applicationName = 'tocsin embedded'

export function databaseUrl({ password }: Cluster, port: number): string {
  return `postgres://${user}:${password}@127.0.0.1:${port}/${database}`
}

/** Makes sure that the server answers, is this cluster's and holds our database, and returns the server's version. */
export function prepareDatabase(cluster: Cluster, port: number): Promise<string> {
  return waitingOutRecovery(() => prepareNow(cluster, port))
}

// Tocsin owns its database and nothing more: what a hole in our SQL could reach then ends at our tables, where a
// superuser's COPY reaches a shell.
async function prepareNow(cluster: Cluster, port: number): Promise<string> {
  const sql = postgres({
    host: '127.0.0.1',
    port,
    user: superuser,
    password: cluster.superuserPassword,
    database: 'postgres',
    max: 1,
    fetch_types: false,
    onnotice: () => {},
    connection: { application_name: applicationName },
  })
  try {
    const version = await identify(sql, cluster)
    const [role] = await sql`select 1 from pg_roles where rolname = ${user}`
    // Utility statements take no parameters; the password is hex digits of our own making.
    if (!role) await sql.unsafe(`create role ${user} login password '${cluster.password}'`)
    const [ours] = await sql`select 1 from pg_database where datname = ${database}`
    if (!ours) await sql.unsafe(`create database ${database} owner ${user}`)
    return version
  } finally {
    await sql.end()
  }
}

async function identify(sql: postgres.Sql, { dataFolder }: Cluster): Promise<string> {
  const [server] = await sql<{ folder: string; version: string }[]>`
    select current_setting('data_directory') as folder, current_setting('server_version') as version`
  const folder = server?.folder ?? 'an unknown folder'
  const isOurs = (await realpath(folder).catch(() => folder)) === (await realpath(dataFolder))
  if (isOurs) return server?.version ?? ''
  throw new Error(
    `The database server that ${dataFolder} names works on ${folder}: the folder was moved or copied while its ` +
      'server ran. Stop that server (kill -INT its postmaster), then start Tocsin again.',
  )
}
