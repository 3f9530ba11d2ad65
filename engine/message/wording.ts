import { type Alert, alertView } from '#engine/alert.ts'
import type { Severity } from '#engine/event.ts'
import { renderChecked } from './checked-template.ts'

/** What a rule says of itself, for the words of its alerts; an empty template leaves them as they are. */
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

/** The alert's own words, or its rule's where the rule has templates. Variables as in seed 004. */
export function wordAlert(alert: Alert, wording: Wording | undefined): AlertWords {
  const { title, summary: text } = alert
  if (!wording) return { title, text }
  const variables = templateVariables(alert, wording)
  return {
    title: render(wording.titleTemplate, variables, longestTitle) || title,
    text: render(wording.messageTemplate, variables, longestText) || text,
  }
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
      state: alertView(alert),
      firedAt: alert.firedAt?.toISOString() ?? '',
      resolvedAt: alert.resolvedAt?.toISOString() ?? '',
      currentValue: measurement?.value === null || !measurement ? '' : String(measurement.value),
      threshold: measurement ? String(measurement.threshold) : '',
    },
  }
}
