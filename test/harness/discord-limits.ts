/**
 * Our model of what Discord refuses, as data and a walk over it. Sources: the developer documentation ("Message",
 * "Component Reference", "Interactions", "Application Commands"). Text is measured in UTF-16 units, the strictest reading.
 */
const limits = {
  content: 2000,
  embeds: 10,
  embedTotal: 6000,
  embed: { title: 256, description: 4096, fields: 25, name: 256, value: 1024, footer: 2048 },
  rows: 5,
  buttonsInRow: 5,
  buttonLabel: 80,
  url: 512,
  customId: 100,
  selectOptions: 25,
  optionText: 100,
  placeholder: 150,
  modal: { title: 45, components: 5, label: 45, description: 100, placeholder: 100, value: 4000 },
  command: { name: /^[-_\p{Ll}\p{N}]{1,32}$/u, description: 100, options: 25, total: 8000 },
  nonce: 25,
} as const

type Json = Readonly<Record<string, unknown>>

/** Everything Discord would refuse about the body of a message, a sentence each. */
export function complaintsAboutMessage(body: object): string[] {
  const { content, embeds, components, nonce } = body as Json
  const found = new Complaints()
  found.text(content, 'content', { max: limits.content, mayBeEmpty: true })
  const rows = list(components)
  const cards = list(embeds)
  if (!content && cards.length === 0 && rows.length === 0) found.add('the message is empty')
  if (typeof nonce === 'string' && nonce.length > limits.nonce) found.add('the nonce is too long')
  found.atMost(cards, limits.embeds, 'embeds')
  for (const card of cards) checkEmbed(card, found)
  if (cards.reduce((total, card) => total + embedLength(card), 0) > limits.embedTotal)
    found.add('embeds are too long')
  found.atMost(rows, limits.rows, 'rows')
  for (const row of rows) checkRow(row, found)
  found.distinct(
    rows.flatMap((row) => list(row['components'])).flatMap((one) => one['custom_id'] ?? []),
    'custom ids',
  )
  return found.all
}

export function complaintsAboutModal(modal: object): string[] {
  const { title, custom_id, components } = modal as Json
  const found = new Complaints()
  found.text(title, 'modal title', { max: limits.modal.title })
  found.text(custom_id, 'modal custom id', { max: limits.customId })
  const parts = list(components)
  if (parts.length === 0) found.add('the modal is empty')
  found.atMost(parts, limits.modal.components, 'modal components')
  for (const part of parts) checkModalPart(part, found)
  found.distinct(
    parts.flatMap((part) => (part['component'] as Json | undefined)?.['custom_id'] ?? []),
    'custom ids',
  )
  return found.all
}

export function complaintsAboutCommands(commands: readonly object[]): string[] {
  const found = new Complaints()
  for (const command of commands as readonly Json[]) {
    checkOption(command, found)
    if (commandLength(command) > limits.command.total) found.add('the command is too long')
  }
  return found.all
}

class Complaints {
  readonly all: string[] = []

  add(complaint: string): void {
    this.all.push(complaint)
  }

  text(
    value: unknown,
    what: string,
    { max, mayBeEmpty = false }: { max: number; mayBeEmpty?: boolean },
  ): void {
    if (typeof value !== 'string' || (!mayBeEmpty && value.trim() === '')) this.add(`${what} is missing`)
    else if (value.length > max) this.add(`${what} has ${value.length} characters, ${max} are allowed`)
    else if (!value.isWellFormed() || value.includes('\0'))
      this.add(`${what} has characters that cannot be sent`)
  }

  optionalText(value: unknown, what: string, max: number): void {
    if (value !== undefined) this.text(value, what, { max })
  }

  atMost(values: readonly unknown[], max: number, what: string): void {
    if (values.length > max) this.add(`${values.length} ${what}, ${max} are allowed`)
  }

  distinct(values: readonly unknown[], what: string): void {
    if (new Set(values).size < values.length) this.add(`${what} repeat`)
  }
}

function list(value: unknown): readonly Json[] {
  return Array.isArray(value) ? (value as Json[]) : []
}

function checkEmbed(embed: Json, found: Complaints): void {
  const fields = list(embed['fields'])
  if (embed['description'] === undefined && embed['title'] === undefined && fields.length === 0) {
    found.add('an embed is empty')
  }
  found.optionalText(embed['title'], 'embed title', limits.embed.title)
  found.optionalText(embed['description'], 'embed description', limits.embed.description)
  found.atMost(fields, limits.embed.fields, 'embed fields')
  for (const field of fields) {
    found.text(field['name'], 'field name', { max: limits.embed.name })
    found.text(field['value'], 'field value', { max: limits.embed.value })
  }
}

function embedLength({ title, description, fields }: Json): number {
  const texts = [title, description, ...list(fields).flatMap((field) => [field['name'], field['value']])]
  return texts.reduce<number>((total, text) => total + (typeof text === 'string' ? text.length : 0), 0)
}

function checkRow(row: Json, found: Complaints): void {
  const parts = list(row['components'])
  if (row['type'] !== 1) found.add('a row has the wrong type')
  if (parts.length === 0) found.add('a row is empty')
  found.atMost(parts, limits.buttonsInRow, 'buttons in a row')
  if (parts.length > 1 && parts.some((part) => part['type'] !== 2)) found.add('a menu shares its row')
  for (const part of parts) checkControl(part, found)
}

function checkControl(part: Json, found: Complaints): void {
  if (part['type'] === 3) return checkSelect(part, found)
  if (part['type'] !== 2)
    return found.add(`a component of type ${String(part['type'])} cannot stand in a row`)
  found.text(part['label'], 'button label', { max: limits.buttonLabel })
  if (part['style'] === 5) found.text(part['url'], 'button address', { max: limits.url })
  else found.text(part['custom_id'], 'custom id', { max: limits.customId })
  if (part['style'] === 5 && 'custom_id' in part) found.add('a link button has a custom id')
}

function checkSelect(select: Json, found: Complaints): void {
  const options = list(select['options'])
  if (options.length === 0) found.add('a menu has no options')
  found.text(select['custom_id'], 'custom id', { max: limits.customId })
  found.optionalText(select['placeholder'], 'menu placeholder', limits.placeholder)
  found.atMost(options, limits.selectOptions, 'menu options')
  found.distinct(
    options.map((option) => option['value']),
    'menu values',
  )
  found.atMost(
    options.filter((option) => option['default'] === true),
    1,
    'default options',
  )
  for (const option of options) {
    found.text(option['label'], 'option label', { max: limits.optionText })
    found.text(option['value'], 'option value', { max: limits.optionText })
    found.optionalText(option['description'], 'option description', limits.optionText)
  }
}

function checkModalPart(part: Json, found: Complaints): void {
  if (part['type'] === 10) return found.text(part['content'], 'text display', { max: 4000 })
  if (part['type'] !== 18)
    return found.add(`a component of type ${String(part['type'])} cannot stand in a modal`)
  const component = part['component'] as Json
  found.text(part['label'], 'label', { max: limits.modal.label })
  found.optionalText(part['description'], 'label description', limits.modal.description)
  if (component['type'] === 3) return checkSelect(component, found)
  const max = Number(component['max_length'] ?? limits.modal.value)
  if (max < 1 || max > limits.modal.value) found.add('max_length is out of range')
  found.text(component['custom_id'], 'custom id', { max: limits.customId })
  found.optionalText(component['placeholder'], 'input placeholder', limits.modal.placeholder)
  found.optionalText(component['value'], 'input value', max)
}

function checkOption(option: Json, found: Complaints): void {
  const options = list(option['options'])
  const choices = list(option['choices'])
  if (!limits.command.name.test(String(option['name'])))
    found.add(`"${String(option['name'])}" is no command name`)
  found.text(option['description'], 'command description', { max: limits.command.description })
  found.atMost(options, limits.command.options, 'command options')
  found.atMost(choices, limits.command.options, 'choices')
  found.distinct(
    options.map((one) => one['name']),
    'option names',
  )
  const firstOptional = options.findIndex((one) => one['required'] === false)
  if (
    options.slice(Math.max(0, firstOptional)).some((one) => firstOptional >= 0 && one['required'] === true)
  ) {
    found.add('a required option follows an optional one')
  }
  for (const inner of options) checkOption(inner, found)
}

function commandLength(option: Json): number {
  const choices = list(option['choices']).flatMap((choice) => [choice['name'], choice['value']])
  const own = [option['name'], option['description'], ...choices].join('').length
  return list(option['options']).reduce((total, inner) => total + commandLength(inner), own)
}
