import { parseDuration } from '#engine/duration.ts'
import { type FailureKind, failureKinds } from '#engine/kubernetes/failure.ts'
import { numberFromForm, type Scope } from '#engine/rule/condition.ts'
import type { Field, FormValues } from '#engine/view/form.ts'

/** What people choose from; the API can name any of them together. */
const choices: Readonly<
  Record<string, { readonly label: string; readonly failures: readonly FailureKind[] }>
> = {
  all: { label: 'Everything that goes wrong', failures: failureKinds },
  crashes: { label: 'Crashes: loops, restarts, memory', failures: ['CRASH_LOOP', 'RESTARTS', 'OOM_KILLED'] },
  starts: {
    label: 'Not starting: image, config, pending',
    failures: ['IMAGE_PULL', 'CONFIG_ERROR', 'PENDING'],
  },
  ends: { label: 'Failed or evicted pods, failed jobs', failures: ['FAILED', 'EVICTED'] },
}

export function podFailureFields(values: FormValues): readonly Field[] {
  return [
    {
      kind: 'text',
      name: 'namespaces',
      label: 'Namespaces',
      hint: 'Separated by commas; leave empty to watch all of them',
      placeholder: 'shop, payments',
      required: false,
      value: values['namespaces'] ?? '',
    },
    {
      kind: 'text',
      name: 'selector',
      label: 'Labels',
      hint: 'As kubectl -l takes them; leave empty to watch every pod',
      placeholder: 'app=web, tier!=test',
      required: false,
      maxLength: 500,
      value: values['selector'] ?? '',
    },
    {
      kind: 'choice',
      name: 'failures',
      label: 'Watch for',
      required: true,
      value: values['failures'] ?? 'all',
      options: Object.entries(choices).map(([value, { label }]) => ({ value, label })),
    },
    {
      kind: 'text',
      name: 'restarts',
      label: 'So many restarts are a failure',
      hint: 'Such as 3 in 15m',
      required: true,
      value: values['restarts'] ?? '3 in 15m',
    },
  ]
}

/** What is no `3 in 15m` is handed on as it is, so that the schema can say so. */
export function podFailureFromForm(values: FormValues, scope: Scope): unknown {
  const text = values['restarts'] ?? ''
  const [, restarts, window = ''] = /^\s*(\d+)\s*(?:times)?\s*(?:in|within)\s+(.+)$/i.exec(text) ?? []
  return {
    kind: 'POD_FAILURE',
    scope,
    namespaces: (values['namespaces'] ?? '').split(/[\s,]+/).filter(Boolean),
    labelSelector: values['selector'] ?? '',
    failures: choices[values['failures'] ?? 'all']?.failures ?? [values['failures']],
    restarts: numberFromForm(restarts ?? text),
    ...(restarts !== undefined && { windowSeconds: parseDuration(window) ?? Number.NaN }),
  }
}
