import type { FastifyInstance } from 'fastify'

/** Fastify lists them as `*`, without what stands before it. */
const withWildcards = [
  'POST /flapjack/scheduled_maintenances/checks/*',
  'DELETE /flapjack/scheduled_maintenances/checks/*',
  'POST /flapjack/unscheduled_maintenances/checks/*',
  'PATCH /flapjack/unscheduled_maintenances/checks/*',
  'POST /flapjack/test_notifications/checks/*',
  'GET /flapjack/checks/*',
  'PATCH /flapjack/checks/*',
  'GET /flapjack/status_report/checks/*',
]

/** Every route that was registered, as `METHOD /path`. */
export function registeredRoutes(server: FastifyInstance): string[] {
  const above: string[] = []
  const printed = server
    .printRoutes({ commonPrefix: false })
    .split('\n')
    .flatMap((line) => {
      const [, branch = '', part = '', methods = ''] = /^([│├└─\s]*)(\S.*?) \(([A-Z, ]+)\)$/u.exec(line) ?? []
      const bare = /^([│├└─\s]*)(\S+)$/u.exec(line)
      const depth = (branch || (bare?.[1] ?? '')).length / 4
      above.length = Math.max(0, depth - 1)
      above.push(part || (bare?.[2] ?? ''))
      const path = above.join('')
      return methods === '' ? [] : methods.split(', ').map((method) => `${method} ${path}`)
    })
    .filter((route) => !/^(HEAD|OPTIONS) |\*$/.test(route))
  return [...printed, ...withWildcards]
}
