import { firstEnvironment } from '#db/repositories/environments.ts'
import { listWatchedRules } from '#db/repositories/rules.ts'
import type { Answer } from '#engine/command/answer.ts'
import type { RuleChange } from '#engine/command/command.ts'
import { message } from '#engine/message/message.ts'
import type { Rule } from '#engine/rule/rule.ts'
import { shortId } from '#engine/view/short-id.ts'
import { describeCondition } from '#engine/view/rule-list.ts'
import type { Desk } from './desk.ts'
import { changeRule, deleteRule } from './rules.ts'

const environment = firstEnvironment.slug

/** Switches a rule on or off, or deletes it, by its name or the beginning of its id. */
export async function changeRuleBy(desk: Desk, command: RuleChange): Promise<Answer> {
  const found = await findMeant(desk, command.rule)
  if ('because' in found) return { kind: 'refused', because: found.because }
  const { rule } = found
  const place = { environment, id: rule.id }
  if (command.name !== 'rule-delete') {
    const enabled = command.name === 'rule-enable'
    if (rule.enabled === enabled)
      return { kind: 'refused', because: `"${rule.name}" is switched ${enabled ? 'on' : 'off'} already.` }
    await changeRule(desk, place, (known) => ({ ...known, enabled }))
    return done(rule, enabled ? 'Switched on' : 'Switched off')
  }
  if (!command.isSure) return askFirst(rule)
  await deleteRule(desk, place)
  return done(rule, 'Deleted')
}

type Meant = { readonly rule: Rule } | { readonly because: string }

async function findMeant({ db }: Desk, text: string): Promise<Meant> {
  const wanted = text.trim().toLowerCase()
  const rules = (await listWatchedRules(db, environment)).map(({ rule }) => rule)
  const byName = rules.filter(({ name }) => name.toLowerCase() === wanted)
  const meant =
    byName.length > 0 ? byName : rules.filter(({ id }) => wanted.length >= 4 && id.startsWith(wanted))
  const [rule, another] = meant
  if (!rule) return { because: `There is no rule "${text.slice(0, 80)}". See rule list.` }
  if (!another) return { rule }
  const ids = meant.slice(0, 5).map(({ id }) => shortId(id))
  return { because: `${meant.length} rules are called so. Say which by its id: ${ids.join(', ')}.` }
}

function askFirst(rule: Rule): Answer {
  const command = `rule delete ${rule.id} sure`
  return {
    kind: 'message',
    message: message({
      headline: `Delete "${rule.name}"?`,
      lines: [[describeCondition(rule.condition), '. Its alerts stay for people to resolve.']],
      actions: [{ kind: 'button', label: 'Delete', command, style: 'danger' }],
    }),
  }
}

function done(rule: Rule, what: string): Answer {
  return {
    kind: 'message',
    message: message({
      headline: `${what}: ${rule.name}`,
      lines: [[describeCondition(rule.condition), '.']],
    }),
  }
}
