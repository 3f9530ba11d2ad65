import Mustache from 'mustache'

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
