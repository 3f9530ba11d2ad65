import { parseDuration } from '#engine/duration.ts'
import { numberFromForm, type Scope } from '#engine/rule/condition.ts'
import { exchangeStatuses } from '#engine/telemetry/exchanges.ts'
import type { Field, FormValues } from '#engine/view/form.ts'

const anyStatus = 'ANY'

/** Instead of a number: each of them is an alert of its own. */
const every = 'every'

/** No more of them: a form with the field all rules have may show five. */
export function exchangeFields(values: FormValues): Field[] {
  return [
    {
      kind: 'choice',
      name: 'status',
      label: 'Status',
      required: true,
      value: values['status'] ?? 'FAILED',
      options: [
        ...exchangeStatuses.map((status) => ({ value: status, label: status })),
        { value: anyStatus, label: 'Any that has ended' },
      ],
    },
    {
      kind: 'text',
      name: 'attributes',
      label: 'With these attributes',
      hint: 'name=value, several separated by commas; empty for all',
      placeholder: 'payment.type=card',
      required: false,
      maxLength: 1000,
      value: values['attributes'] ?? '',
    },
    {
      kind: 'text',
      name: 'threshold',
      label: 'Fires above this many',
      hint: 'A number, or: every (each one by itself, once)',
      required: true,
      value: values['threshold'] ?? '3',
    },
    {
      kind: 'text',
      name: 'window',
      label: 'Within the last',
      hint: 'Such as 1m, 5m or 1h; of no meaning with: every',
      required: false,
      value: values['window'] ?? '10m',
    },
  ]
}

export function exchangeFromForm(values: FormValues, scope: Scope): unknown {
  const status = values['status'] ?? 'FAILED'
  const isEvery = values['threshold']?.trim().toLowerCase() === every
  return {
    kind: 'EXCHANGE_MATCH',
    scope,
    filter: {
      ...(status !== anyStatus && { status }),
      attributes: readAttributes(values['attributes'] ?? ''),
    },
    fireMode: isEvery ? 'PER_EXCHANGE' : 'COUNT_IN_WINDOW',
    ...(!isEvery && {
      threshold: numberFromForm(values['threshold']),
      windowSeconds: parseDuration(values['window'] ?? ''),
    }),
  }
}

/** `payment.type=card, country=DE`; what is no such pair is left as it is, for the schema to refuse. */
function readAttributes(text: string): unknown {
  const pairs = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => /^([^=]+)=(.*)$/s.exec(part))
  if (pairs.includes(null)) return text
  return Object.fromEntries(pairs.map((pair) => [pair?.[1]?.trim(), pair?.[2]?.trim()]))
}
