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
  return Mustache.render(template, variables, undefined, { escape: String })
}
