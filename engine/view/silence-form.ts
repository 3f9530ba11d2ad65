import { parseSilenceUntil } from '#engine/command/parse.ts'
import type { SilenceUntil } from '#engine/command/command.ts'
import type { Form, FormValues } from './form.ts'

/** The dialog behind "Custom…": how long, and why. */
export function silenceForm(id: string, number: number, values: FormValues, problem?: string): Form {
  return {
    id,
    title: `Silence #${number}`,
    step: 1,
    steps: 1,
    intro: [['Nobody is told about it until then. Everyone can see that it is silenced, by whom and why.']],
    fields: [
      {
        kind: 'text',
        name: 'duration',
        label: 'For how long',
        hint: 'Such as 45m, 6h, 2d, or tomorrow',
        required: true,
        value: values['duration'] ?? '',
        ...(problem !== undefined && { error: problem }),
      },
      {
        kind: 'text',
        name: 'reason',
        label: 'Why',
        placeholder: 'Deploying the fix',
        required: false,
        maxLength: 500,
        value: values['reason'] ?? '',
      },
    ],
    submitLabel: 'Silence',
  }
}

export type SilenceFormResult =
  | { readonly until: SilenceUntil; readonly reason: string }
  | { readonly problem: string }

export function readSilenceForm(values: FormValues): SilenceFormResult {
  const until = parseSilenceUntil(values['duration'] ?? '')
  if (!until)
    return { problem: 'Not a length of time I know: try 45m, 6h, 2d (30 days at most) or tomorrow.' }
  return { until, reason: (values['reason'] ?? '').trim().slice(0, 500) }
}
