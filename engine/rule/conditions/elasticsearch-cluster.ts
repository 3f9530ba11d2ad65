import { scopeSchema } from '#engine/rule/condition.ts'

/** What a rule about a cluster may name: nothing. It accepts the `scope` that every rule has. */
export const clusterScope = scopeSchema.default({}).refine((scope) => scope.appSlug === undefined, {
  path: ['appSlug'],
  message: 'This watches the Elasticsearch cluster, not a service: leave the service out.',
})

/** Whose check it is. */
export const clusterEntity = { appSlug: 'elasticsearch' } as const
