import { z } from 'zod'
import { isLabelName, isStorableText } from '#engine/labels.ts'
import { sectionDepth, templateProblem } from '#engine/message/template.ts'
import { readJson } from './json.ts'

const states = ['ok', 'info', 'warning', 'critical', 'unknown'] as const

const pointerSchema = z
  .string({ error: 'A JSON pointer is text such as /alert/host.' })
  .regex(
    /^(\/([^~]|~[01])*)?$/,
    'A JSON pointer starts with / and writes ~ as ~0 and / as ~1, such as /alert/host.',
  )
  .max(500, 'A JSON pointer has at most 500 characters.')

/** Sections inside sections are the one thing of a template whose cost grows faster than the payload. */
const deepestSections = 2

/**
 * `/alert/host` points at a value of the payload; anything else is a Mustache template over it, which sees the first 100
 * members of an array and the first 4000 characters of a text.
 */
const fieldSchema = z
  .string({
    error: 'A field is text: a JSON pointer such as /alert/host, or a template such as {{host}}-{{disk}}.',
  })
  .min(1, 'The field is empty: give a JSON pointer, a template, or leave the field out.')
  .max(4000, 'The field has more than 4000 characters.')
  .superRefine((field, context) => {
    const problem = isStorableText(field)
      ? field.startsWith('/')
        ? pointerSchema.safeParse(field).error?.issues[0]?.message
        : (templateProblem(field) ?? sectionsProblem(field))
      : 'The field holds a NUL or half a character: remove it.'
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
  })

function sectionsProblem(template: string): string | undefined {
  return sectionDepth(template) > deepestSections
    ? `The template has more than ${deepestSections} sections inside each other: flatten it.`
    : undefined
}

const stateSchema = z.enum(states, { error: `A state is one of ${states.join(', ')}.` })

const mostWords = 500
const mostLabels = 50

const delaySchema = z
  .int({ error: 'A delay is a whole number of seconds.' })
  .min(0, 'A delay is not negative.')
  .max(31 * 86_400, 'A delay is at most 31 days (2678400 s).')

/**
 * How somebody's own webhook is read, written by them:
 *
 *     {
 *       "events": "/alerts",
 *       "entity": "/host",
 *       "check": "{{service}} {{volume}}",
 *       "state": { "from": "/level", "words": { "BAD": "critical", "FINE": "ok" }, "otherwise": "warning" },
 *       "title": "{{service}} on {{host}}",
 *       "labels": { "team": "/owner/team" },
 *       "at": "/time"
 *     }
 */
export const mappingSchema = z.strictObject(
  {
    /** Where the array of events is; without it the payload is one event, or the array itself. */
    events: pointerSchema.optional(),
    entity: fieldSchema,
    check: fieldSchema,
    state: z.strictObject(
      {
        /** Of several, the first whose word means something decides. */
        from: z.preprocess(
          (from) => (Array.isArray(from) ? from : [from]),
          z.array(fieldSchema).min(1, 'Say where the word for the state is.').max(5, 'At most 5 fields.'),
        ),
        words: z
          .record(
            z.string().refine(isStorableText, 'A word holds a NUL or half a character: remove it.'),
            stateSchema,
            { error: 'The words of state are an object such as { "BAD": "critical" }.' },
          )
          .refine((words) => Object.keys(words).length <= mostWords, `More than ${mostWords} words.`)
          .optional(),
        otherwise: stateSchema.optional(),
      },
      { error: 'The state is an object such as { "from": "/level" }.' },
    ),
    title: fieldSchema.optional(),
    summary: fieldSchema.optional(),
    labels: z
      .record(
        z
          .string()
          .refine(
            (name) => isLabelName(name, 'classic'),
            'A label name has letters, digits and _ only, and does not begin with a digit.',
          ),
        fieldSchema,
        { error: 'The labels are an object such as { "team": "/owner/team" }.' },
      )
      .refine((labels) => Object.keys(labels).length <= mostLabels, `More than ${mostLabels} labels.`)
      .optional(),
    /** RFC 3339, or seconds or milliseconds since 1970; without it the time of arrival. */
    at: fieldSchema.optional(),
    initialFailureDelaySeconds: delaySchema.default(0),
    repeatFailureDelaySeconds: delaySchema.default(0),
  },
  { error: 'A mapping is an object with entity, check and state.' },
)

export type Mapping = z.infer<typeof mappingSchema>

export type ReadMapping = { readonly mapping: Mapping } | { readonly problems: readonly MappingProblem[] }

interface MappingProblem {
  /** Dotted, e.g. `state.words.BAD`; `body` for the whole. */
  readonly field: string
  readonly problem: string
}

/** A mapping as somebody sent it; everything that is wrong with it, and where. */
export function readMapping(text: string): ReadMapping {
  const json = readJson(text)
  if ('problem' in json)
    return { problems: [{ field: 'body', problem: `It cannot be read as JSON: ${json.problem}.` }] }
  const parsed = mappingSchema.safeParse(json.value)
  return parsed.success ? { mapping: parsed.data } : { problems: parsed.error.issues.flatMap(tell) }
}

function tell(issue: z.core.$ZodIssue): MappingProblem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      field: fieldOf([...issue.path, key]),
      problem: 'A mapping has no such field: check the spelling or leave it out.',
    }))
  }
  const [inner] = issue.code === 'invalid_key' ? issue.issues : []
  return [{ field: fieldOf(issue.path), problem: inner?.message ?? issue.message }]
}

function fieldOf(path: readonly PropertyKey[]): string {
  return path.map((step) => String(step).slice(0, 100)).join('.') || 'body'
}
