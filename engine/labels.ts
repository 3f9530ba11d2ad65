/** What tells one thing from another: names and values as plain text, e.g. `app: 'orders-service'`. */
export type Labels = Readonly<Record<string, string>>

/** `classic`: ASCII identifiers (Alertmanager before 0.27); `utf8`: any text (from 0.27, and what Prometheus 3 sends). */
export type LabelNameRule = 'classic' | 'utf8'

const classicName = /^[a-zA-Z_][a-zA-Z0-9_]*$/

/** `__proto__` is one like any other: labels are copied by `fromEntries` and by spreading, which make it a name and nothing else. */
export function isLabelName(name: string, rule: LabelNameRule): boolean {
  return rule === 'classic' ? classicName.test(name) : name !== '' && isStorableText(name)
}

/** Postgres keeps no NUL in text, and half a surrogate pair is no character at all. */
export function isStorableText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed()
}

/** The label's value; an absent label counts as the empty string (Alertmanager's rule). */
export function labelValue(labels: Labels, name: string): string {
  return Object.hasOwn(labels, name) ? (labels[name] ?? '') : ''
}

/** By UTF-8 bytes, as Go compares text: unlike JavaScript's `<`, it puts emoji after everything else. */
export function compareText(one: string, other: string): number {
  const length = Math.min(one.length, other.length)
  for (let index = 0; index < length; index += 1) {
    const left = one.charCodeAt(index)
    const right = other.charCodeAt(index)
    if (left !== right) return surrogatesLast(left) - surrogatesLast(right)
  }
  return one.length - other.length
}

function surrogatesLast(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}

/** Alertmanager's order of label sets: the smaller set first, then name by name, where lacking a name comes first. */
export function compareLabels(one: Labels, other: Labels): number {
  const names = Object.keys(one)
  const otherNames = Object.keys(other)
  if (names.length !== otherNames.length) return names.length - otherNames.length
  for (const name of [...names, ...otherNames].sort(compareText)) {
    if (!Object.hasOwn(one, name)) return -1
    if (!Object.hasOwn(other, name)) return 1
    const difference = compareText(one[name] ?? '', other[name] ?? '')
    if (difference !== 0) return difference
  }
  return 0
}
