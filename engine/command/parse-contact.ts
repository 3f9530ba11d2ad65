import { ruleKeywords } from '#engine/directory/rule-keywords.ts'
import { straightQuotes, wordsOf } from './clauses.ts'
import type { Command, ContactChange } from './command.ts'
import { complain, type Complaint } from './complaint.ts'
import { keywordParts } from './keyword-parts.ts'
import { unquoted } from './quoting.ts'
import { commands } from './registry.ts'

type Parsed = Command | Complaint

/** The words behind the one that is spoken of: `ada media email` → `media`, `email`. */
export function wordsBehindFirst(typed: string): string[] {
  return wordsOf(straightQuotes(typed)).slice(1)
}

type ContactCommand = ContactChange['name']

type Read = (id: string, rest: readonly string[]) => Parsed

function ofContact(name: ContactCommand, read: Read): (rest: unknown, typed: () => string) => Parsed {
  return (_rest, typed) => {
    const [id, ...behind] = wordsOf(straightQuotes(typed()))
    if (id === undefined) return complain(name, 'Which contact?')
    return read(unquoted(id), behind.slice(commands[name].infix.length))
  }
}

export const contactReaders = {
  /** Quotes are not asked for where nothing else can follow. */
  contact: (_rest, typed) => {
    const [first, ...more] = wordsOf(straightQuotes(typed()))
    if (first === undefined) return complain('contact', 'Which contact?')
    return { name: 'contact', id: more.length > 0 ? typed() : unquoted(first) }
  },
  'contact-add': ofContact('contact-add', (id, rest) => {
    const { before, parts } = keywordParts(rest, { name: 'name', zone: 'zone', timezone: 'zone' })
    if (before.length > 0)
      return complain(
        'contact-add',
        `"${before.join(' ').slice(0, 80)}" is not understood: say name and zone, and put an id with spaces in quotes.`,
      )
    const name = parts.name === undefined ? {} : { person: unquoted(parts.name) }
    return { name: 'contact-add', id, ...name, ...(parts.zone !== undefined && { zone: parts.zone }) }
  }),
  'contact-remove': ofContact('contact-remove', (id, [sure, ...more]) => {
    if (more.length > 0 || (sure !== undefined && sure.toLowerCase() !== 'sure'))
      return complain('contact-remove', 'One at a time, please; an id with spaces goes in quotes.')
    return { name: 'contact-remove', id, isSure: sure !== undefined }
  }),
  'contact-media': ofContact('contact-media', (id, [type, ...rest]) => {
    if (type === undefined) return complain('contact-media', 'Which medium?')
    if (rest.length === 1 && rest[0]?.toLowerCase() === 'off')
      return { name: 'contact-media', id, type: type.toLowerCase() }
    const { before, parts } = keywordParts(rest, { every: 'every', summary: 'summary' })
    const [address, ...more] = before
    if (address === undefined) return complain('contact-media', 'To which address? Or say off.')
    if (more.length > 0)
      return complain('contact-media', `"${more.join(' ').slice(0, 80)}" is not understood.`)
    const medium = { address: unquoted(address), ...parts }
    return { name: 'contact-media', id, type: type.toLowerCase(), medium }
  }),
  'contact-hears': ofContact('contact-hears', (id, rest) =>
    rest.length === 0
      ? complain('contact-hears', 'What?')
      : { name: 'contact-hears', id, subject: unquoted(rest.join(' ')) },
  ),
  'contact-hears-no-more': ofContact('contact-hears-no-more', (id, rest) =>
    rest.length === 0
      ? complain('contact-hears-no-more', 'What?')
      : { name: 'contact-hears-no-more', id, subject: unquoted(rest.join(' ')) },
  ),
  'contact-rule': ofContact('contact-rule', (id, rest) => {
    if (rest.length === 0) return { name: 'contact-rule', id }
    const { before, parts } = keywordParts(rest.flatMap(splitAtColon), ruleKeywords)
    if (before.length > 0)
      return complain('contact-rule', `"${before.join(' ').slice(0, 80)}" is not understood.`)
    return { name: 'contact-rule', id, rule: parts }
  }),
  'contact-rule-remove': ofContact('contact-rule-remove', (id, [rule, ...more]) => {
    if (rule === undefined) return complain('contact-rule-remove', 'Which rule?')
    if (more.length > 0) return complain('contact-rule-remove', 'One at a time, please.')
    return { name: 'contact-rule-remove', id, rule: unquoted(rule) }
  }),
} satisfies Record<'contact' | ContactCommand, (rest: readonly string[], typed: () => string) => Parsed>

/** `critical:email` is said as often as `critical email`. */
function splitAtColon(word: string): string[] {
  const [, keyword = '', rest = ''] = /^([a-z]+):(.*)$/isu.exec(word) ?? []
  if (!Object.hasOwn(ruleKeywords, keyword.toLowerCase())) return [word]
  return rest === '' ? [keyword] : [keyword, rest]
}
