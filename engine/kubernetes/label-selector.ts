import type { Labels } from '#engine/labels.ts'

/** Kubernetes' label selector, as `kubectl -l` takes it; all requirements must hold. Empty selects everything. */
export type LabelSelector = readonly Requirement[]

interface Requirement {
  readonly key: string
  readonly test: 'in' | 'not in' | 'exists' | 'not exists'
  readonly values: readonly string[]
}

export type ParsedSelector = { readonly selector: LabelSelector } | { readonly problem: string }

export function parseLabelSelector(text: string): ParsedSelector {
  const parts = splitAtCommas(text)
  const selector: Requirement[] = []
  for (const part of parts) {
    const requirement = readRequirement(part)
    if (!requirement) return { problem: `"${part}" is no label requirement: ${examples}.` }
    const problem = requirementProblem(requirement)
    if (problem) return { problem }
    selector.push(requirement)
  }
  return { selector }
}

const examples = 'write app=shop, tier!=test, tier in (web,api), tier notin (test), app or !app'

/** As the cluster does it: what lacks the label passes `!=` and `notin`. */
export function selects(selector: LabelSelector, labels: Labels): boolean {
  return selector.every(({ key, test, values }) => {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined
    switch (test) {
      case 'exists':
        return value !== undefined
      case 'not exists':
        return value === undefined
      case 'in':
        return value !== undefined && values.includes(value)
      case 'not in':
        return value === undefined || !values.includes(value)
    }
  })
}

/** Commas inside of parentheses belong to a list of values. */
function splitAtCommas(text: string): string[] {
  return text.trim() === '' ? [] : text.split(/,(?![^(]*\))/).map((part) => part.trim())
}

function readRequirement(part: string): Requirement | undefined {
  const [, setKey, negation, list] = /^([^\s!=(),]+)\s+(not)?in\s*\(([^()]*)\)$/.exec(part) ?? []
  if (setKey !== undefined && list !== undefined) {
    const values = list.split(',').map((value) => value.trim())
    return { key: setKey, test: negation ? 'not in' : 'in', values }
  }
  const [, key, sign, value] = /^([^\s!=(),]+)\s*(==?|!=)\s*([^\s!=(),]*)$/.exec(part) ?? []
  if (key !== undefined && value !== undefined)
    return { key, test: sign === '!=' ? 'not in' : 'in', values: [value] }
  const [, absent, alone] = /^(!?)\s*([^\s!=(),]+)$/.exec(part) ?? []
  return alone === undefined ? undefined : { key: alone, test: absent ? 'not exists' : 'exists', values: [] }
}

const word = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/
const domain = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/

function requirementProblem({ key, values }: Requirement): string | undefined {
  const [name = '', prefix] = key.split('/').reverse()
  if (key.split('/').length > 2 || !word.test(name) || (prefix !== undefined && !domain.test(prefix)))
    return `"${key}" is no name of a label: at most 63 letters, digits, "-", "_" and ".", with a domain and "/" before it if need be.`
  const wrong = values.find((value) => value !== '' && !word.test(value))
  return wrong === undefined
    ? undefined
    : `"${wrong}" is no value of a label: at most 63 letters, digits, "-", "_" and ".".`
}
