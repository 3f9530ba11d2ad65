import { type Alert, alertView } from '#engine/alert.ts'
import type { Severity } from '#engine/event.ts'
import { nestedFacts } from '#engine/facts.ts'
import { actorName } from '#engine/person.ts'
import { renderChecked } from './checked-template.ts'
import { defaultMessageTemplate, defaultTitleTemplate } from './default-templates.ts'

/** What a rule says of itself, for the words of its alerts; a template may be empty. */
export interface Wording {
  readonly rule: {
    readonly id: string
    readonly name: string
    readonly description: string
    readonly severity: Severity
  }
  readonly environment: { readonly slug: string; readonly name: string }
  /** Where a person finds the incident in this house, if anybody said at which address the house is. */
  readonly link?: string
  readonly titleTemplate: string
  readonly messageTemplate: string
}

export interface AlertWords {
  readonly title: string
  readonly text: string
}

type View = Readonly<Record<string, unknown>>

/** Longer ones would push the buttons off every screen. */
const longestTitle = 300
const longestText = 2900

/**
 * The alert's own words, or its rule's where the rule has templates: for messages that show severity, value and place beside them.
 * Variables as in seed 004.
 */
export function wordAlert(alert: Alert, wording: Wording | undefined): AlertWords {
  const { title, summary: text } = alert
  if (!wording) return { title, text }
  const variables = templateVariables(alert, wording)
  return {
    title: render(wording.titleTemplate, variables, longestTitle) || title,
    text: render(wording.messageTemplate, variables, longestText) || text,
  }
}

/** Title and message of the notification as seed 004 has them, for those who are sent nothing else: its defaults where the rule has no templates. */
export function notificationWords(alert: Alert, wording: Wording): AlertWords {
  return wordAlert(alert, {
    ...wording,
    titleTemplate: wording.titleTemplate || defaultTitleTemplate,
    messageTemplate: wording.messageTemplate || defaultMessageTemplate,
  })
}

function render(template: string, variables: View, longest: number): string {
  if (template === '') return ''
  try {
    return Array.from(renderChecked(template, variables).trim()).slice(0, longest).join('')
  } catch {
    // Too long, or saved before such templates were refused: its alert has words of its own.
    return ''
  }
}

function templateVariables(alert: Alert, { rule, environment, link }: Wording): View {
  const { measurement } = alert
  return {
    ...nestedFacts(alert.facts),
    rule,
    env: environment,
    labels: alert.labels,
    alert: {
      id: alert.id,
      title: alert.title,
      summary: alert.summary,
      severity: alert.severity,
      entity: alert.entity,
      link: link ?? '',
      acknowledgedBy: alert.acknowledgedBy ? actorName(alert.acknowledgedBy) : '',
      state: alertView(alert),
      firedAt: alert.firedAt?.toISOString() ?? '',
      resolvedAt: alert.resolvedAt?.toISOString() ?? '',
      currentValue: measurement?.value === null || !measurement ? '' : String(measurement.value),
      threshold: measurement ? String(measurement.threshold) : '',
    },
  }
}
