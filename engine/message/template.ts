import { Mustache } from './mustache.ts'

/** Values of `{{rule.name}}` and its kin, by their dotted names. */
export type TemplateVariables = Readonly<Record<string, Readonly<Record<string, string>>>>

/** Why a template cannot be used, or undefined. Checked where it is saved, so that rendering never fails at night. */
export function templateProblem(template: string): string | undefined {
  try {
    Mustache.parse(template)
    return undefined
  } catch (error) {
    return `The template cannot be read: ${error instanceof Error ? error.message : String(error)}.`
  }
}

/** How many sections lie inside each other, of a template that can be read. */
export function sectionDepth(template: string): number {
  return depthOf(Mustache.parse(template) as readonly Span[])
}

/** As Mustache parses it: type, name, where it begins and ends, and what a section holds. */
type Span = readonly [type: string, name: string, from: number, to: number, inside?: readonly Span[] | string]

function depthOf(spans: readonly Span[]): number {
  return spans.reduce((deepest, [type, , , , inside]) => {
    const isSection = (type === '#' || type === '^') && Array.isArray(inside)
    return isSection ? Math.max(deepest, 1 + depthOf(inside)) : deepest
  }, 0)
}

/** Plain text in, plain text out: each dialect escapes for itself, so nothing is escaped here. */
export function renderTemplate(template: string, variables: TemplateVariables): string {
  return Mustache.render(template, withoutPrototypes(variables), undefined, { escape: String })
}

/** Mustache looks names up with `in`, which on ordinary objects finds `constructor` and its kin; a whole group says nothing. */
const bare: object = Object.assign(Object.create(null), { toString: () => '' })

function withoutPrototypes(variables: TemplateVariables): object {
  const groups = Object.entries(variables).map(([name, fields]) => [
    name,
    Object.assign(Object.create(bare), fields),
  ])
  return Object.assign(Object.create(bare), Object.fromEntries(groups))
}
