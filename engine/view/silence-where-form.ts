import type { Clauses } from '#engine/command/clauses.ts'
import type { ClauseProblem } from '#engine/suppress/silence-words.ts'
import type { Form, FormValues, TextField } from './form.ts'

type Named = 'matchers' | 'duration' | 'starting' | 'every' | 'reason'

/** The dialog behind `silence where`: which alerts, how long, from when, how often, and why. */
export function silenceWhereForm(id: string, values: FormValues, problem?: ClauseProblem): Form {
  const field = (
    name: Named,
    parts: Pick<TextField, 'label' | 'required'> & Partial<TextField>,
  ): TextField => ({
    kind: 'text',
    maxLength: 1000,
    value: values[name] ?? '',
    ...parts,
    name,
    ...(problem && fieldOf[problem.about] === name && { error: problem.problem }),
  })
  return {
    id,
    title: 'Silence by labels',
    step: 1,
    steps: 1,
    intro: [['Nobody is told about alerts with these labels. It is announced, and so is its end.']],
    fields: [
      field('matchers', {
        label: 'Which alerts',
        hint: 'All must match: team="payments" severity=critical app=~"orders|shop"',
        required: true,
      }),
      field('duration', { label: 'For how long', hint: 'Such as 45m, 6h, 2d', required: true }),
      field('starting', {
        label: 'Starting',
        hint: 'Now if empty; such as 22:00, tomorrow 22:00, 2026-04-20 02:00',
        required: false,
      }),
      field('every', {
        label: 'Again',
        hint: 'Once if empty; crontab fields and a zone: 0 22 * * 6 in Europe/Berlin',
        required: false,
      }),
      field('reason', { label: 'Why', required: false, maxLength: 500 }),
    ],
    submitLabel: 'Silence',
  }
}

const fieldOf: Record<keyof Clauses, Named> = {
  what: 'matchers',
  for: 'duration',
  until: 'duration',
  starting: 'starting',
  every: 'every',
  in: 'every',
  because: 'reason',
}

export function clausesOf(values: FormValues): Clauses {
  const said = (name: Named) => values[name]?.trim() ?? ''
  const [every = '', zone] = said('every').split(/\s+in\s+/iu)
  return {
    what: said('matchers'),
    for: said('duration'),
    ...(said('starting') !== '' && { starting: said('starting') }),
    ...(every !== '' && { every }),
    ...(zone !== undefined && { in: zone }),
    ...(said('reason') !== '' && { because: said('reason') }),
  }
}
