import type { Database } from '#db/client.ts'
import { type Connection, findConnection } from '#db/repositories/connections.ts'
import { listChats } from '#db/repositories/destinations.ts'
import { loadRoutingTree } from '#db/repositories/routings.ts'
import { contentTypeOf, webhookSettings } from '#engine/connection/webhook.ts'
import { categoryLabel } from '#engine/dispatch/category.ts'
import { destine, supposedLabels } from '#engine/dispatch/join.ts'
import { bodyTemplateProblem } from '#engine/message/body-template.ts'
import { scopeEntity, scopeLabels } from '#engine/rule/condition.ts'
import { definitionOf } from '#engine/rule/conditions/registry.ts'
import type { FieldProblem, RuleDraft } from '#engine/rule/rule.ts'
import { Invalid, Unfit } from './api/problem.ts'
import { targetProblems } from './rule-targets.ts'

/** Refuses a rule that names what is not there or not for its environment (`Unfit`), and one that nobody would hear of (`Invalid`). */
export async function requireReach(db: Database, draft: RuleDraft, environment: string): Promise<void> {
  const problems = [
    ...(await webhookProblems(db, draft, environment)),
    ...(await targetProblems(db, draft.targets)),
  ]
  if (problems.length > 0) throw new Unfit('This rule names what it cannot reach.', problems)
  if (await reachesSomebody(db, draft, environment)) return
  const problem = `Nobody would hear of it: no route of ${environment} leads it to a chat, a webhook or a connection. Name a connection in webhooks or somebody in targets, or route it.`
  throw new Invalid('This rule reaches no one.', [{ field: 'webhooks', problem }])
}

async function webhookProblems(
  db: Database,
  { webhooks }: RuleDraft,
  environment: string,
): Promise<FieldProblem[]> {
  const problems: FieldProblem[] = []
  for (const [index, { outboundConnectionId: id, bodyOverride }] of webhooks.entries()) {
    const connection = await findConnection(db, id)
    const field = `webhooks.${index}.outboundConnectionId`
    // Whoever may not know of a connection learns nothing of it here: neither its name nor that it is there.
    if (!connection || !isAllowedIn(connection, environment)) {
      const problem = `No connection of this id may be named in ${environment}: see GET /api/v1/connections, or have an admin allow it here.`
      problems.push({ field, problem })
      continue
    }
    problems.push(...overrideProblems(connection, bodyOverride, `webhooks.${index}.bodyOverride`))
  }
  return problems
}

function isAllowedIn({ allowedEnvironments }: Connection, environment: string): boolean {
  return allowedEnvironments.length === 0 || allowedEnvironments.includes(environment)
}

function overrideProblems(
  { kind, settings }: Connection,
  override: string | null | undefined,
  field: string,
): FieldProblem[] {
  if (override === null || override === undefined) return []
  if (kind !== 'webhook') return [{ field, problem: 'Only a webhook has a body of its own: leave it out.' }]
  const problem = bodyTemplateProblem(override, contentTypeOf(webhookSettings.parse(settings)))
  return problem === undefined ? [] : [{ field, problem }]
}

/**
 * What it names itself, or where routes would lead its alert as far as one can tell before there is one: a condition that
 * watches many things has labels for each that nobody knows yet.
 */
async function reachesSomebody(db: Database, draft: RuleDraft, environment: string): Promise<boolean> {
  if (draft.webhooks.length > 0 || draft.targets.length > 0) return true
  const definition = definitionOf(draft.condition)
  const routing = await loadRoutingTree(db, environment)
  if (!routing || definition.hasSubjects === true) return true
  const scope = definition.scope(draft.condition)
  const { severity, name } = draft
  const named = { entity: scopeEntity(scope), name, severity }
  const matched = supposedLabels({ ...named, labels: { [categoryLabel]: 'metrics', ...scopeLabels(scope) } })
  const routes = { findRoutes: routing.findRoutes, receivers: routing.tree.receivers }
  const { chats, connections, groups } = destine(routes, { matched, labels: matched, fingerprint: '' })
  if (groups.length > 0 || connections.length > 0) return true
  const places = await listChats(db)
  return places.some((chat) => chats === 'all' || chats.has(chat.name) || chats.has(chat.surface))
}
