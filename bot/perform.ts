import { listIncidents } from '#db/repositories/incidents.ts'
import { findStoryByNumber } from '#db/repositories/stories.ts'
import { listWorstRules } from '#db/repositories/watched-rules.ts'
import { NotFound } from '#db/errors.ts'
import type { Answer } from '#engine/command/answer.ts'
import type { Command } from '#engine/command/command.ts'
import { acknowledge, resolve } from '#engine/incident/decide.ts'
import { composeStory } from '#engine/message/compose.ts'
import { asActor, type Person } from '#engine/person.ts'
import type { ClauseProblem } from '#engine/suppress/silence-words.ts'
import { silenceEnd } from '#engine/suppress/until.ts'
import { help } from '#engine/view/help.ts'
import { incidentList, incidentsPerPage } from '#engine/view/incident-list.ts'
import { ruleCard } from '#engine/view/rule-card.ts'
import { mostRulesListed, ruleList } from '#engine/view/rule-list.ts'
import { asAnswer } from './as-answer.ts'
import { noted } from './audit/noted.ts'
import { changeEach, silenceIncident } from './change.ts'
import { changeRuleBy } from './change-rule.ts'
import type { Desk } from './desk.ts'
import { findMeantRule } from './find-rule.ts'
import { beginForm } from './forms.ts'
import { endMaintenanceBy, listMaintenancesOf, planMaintenance } from './maintenances.ts'
import { performOnDirectory } from './perform-on-directory.ts'
import { endSilence, extendSilenceBy, listSilencesOf, makeSilence } from './silences.ts'

/** One command from one person: may they, then do it. A refusal is an answer; a throw is a failure of ours. */
export async function perform(desk: Desk, command: Command, person: Person): Promise<Answer> {
  return noted(desk, { command, person }, () => asAnswer(() => carryOut(desk, command, person)))
}

async function carryOut(desk: Desk, command: Command, person: Person): Promise<Answer> {
  const now = desk.clock()
  switch (command.name) {
    case 'list': {
      const page = await listIncidents(desk.db, command.only, incidentsPerPage)
      return { kind: 'message', message: incidentList({ only: command.only, ...page }, now) }
    }
    case 'show':
      return show(desk, command.number)
    case 'acknowledge':
      return changeEach(desk, command.numbers, acknowledge(asActor(person), now, command.only))
    case 'resolve':
      return changeEach(
        desk,
        command.numbers,
        resolve(asActor(person), now, desk.settings.reopenAfterSeconds, command.only),
      )
    case 'silence':
      return beginSilence(desk, command, person)
    case 'silence-where':
      return command.clauses
        ? orRefuse(await makeSilence(desk, command.clauses, person))
        : beginForm(desk, { form: 'silence-where' }, person)
    case 'silence-extend':
      return extendSilenceBy(desk, { id: command.id, person }, command.seconds)
    case 'silence-expire':
      return endSilence(desk, { id: command.id, person })
    case 'silence-list':
      return listSilencesOf(desk)
    case 'maintenance':
      return planMaintenance(desk, command.clauses, person)
    case 'maintenance-end':
      return endMaintenanceBy(desk, command.id)
    case 'maintenance-list':
      return listMaintenancesOf(desk)
    case 'rule-list':
      return { kind: 'message', message: ruleList(await listWorstRules(desk.db, mostRulesListed)) }
    case 'rule-create':
      return beginForm(desk, { form: 'rule-create' }, person)
    case 'rule-show':
      return showRule(desk, command.rule)
    case 'rule-enable':
    case 'rule-disable':
    case 'rule-delete':
      return changeRuleBy(desk, command)
    case 'help':
      return { kind: 'message', message: help(command.topic) }
    default:
      return performOnDirectory(desk, command, person)
  }
}

function orRefuse(made: Answer | ClauseProblem): Answer {
  return 'problem' in made ? { kind: 'refused', because: made.problem } : made
}

async function show(desk: Desk, number: number): Promise<Answer> {
  const story = await findStoryByNumber(desk.db, number, desk.clock())
  if (!story) throw new NotFound(`alert #${number}`)
  return { kind: 'message', message: composeStory(story, desk.clock()) }
}

async function showRule(desk: Desk, rule: string): Promise<Answer> {
  const found = await findMeantRule(desk, rule)
  return 'because' in found
    ? { kind: 'refused', because: found.because }
    : { kind: 'message', message: ruleCard(found) }
}

async function beginSilence(
  desk: Desk,
  command: Extract<Command, { name: 'silence' }>,
  person: Person,
): Promise<Answer> {
  const { number, until } = command
  if (!until) {
    if (!(await findStoryByNumber(desk.db, number, desk.clock()))) throw new NotFound(`alert #${number}`)
    return beginForm(desk, { form: 'silence', number }, person)
  }
  return silenceIncident(desk, person, {
    number,
    until: silenceEnd(until, desk.clock(), desk.zone),
    reason: '',
  })
}
