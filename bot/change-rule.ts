import { firstEnvironment } from '#db/repositories/environments.ts'
import type { Answer } from '#engine/command/answer.ts'
import type { RuleChange } from '#engine/command/command.ts'
import { message } from '#engine/message/message.ts'
import type { Rule } from '#engine/rule/rule.ts'
import { describeCondition } from '#engine/view/rule-list.ts'
import type { Desk } from './desk.ts'
import { findMeantRule } from './find-rule.ts'
import { changeRule, deleteRule } from './rules.ts'

const environment = firstEnvironment.slug

/** Switches a rule on or off, or deletes it, by its name or the beginning of its id. */
export async function changeRuleBy(desk: Desk, command: RuleChange): Promise<Answer> {
  const found = await findMeantRule(desk, command.rule)
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
