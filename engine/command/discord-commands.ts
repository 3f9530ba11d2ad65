import type { Command } from './command.ts'
import {
  type CommandArgument,
  type CommandDescription,
  commandNames,
  commands,
  commandWord,
} from './registry.ts'

/** The body of "Bulk Overwrite Guild Application Commands". */
export interface DiscordCommand {
  type: 1
  name: string
  description: string
  options: (DiscordSubcommand | DiscordSubcommandGroup)[]
}

interface DiscordSubcommandGroup {
  type: 2
  name: string
  description: string
  options: DiscordSubcommand[]
}

interface DiscordSubcommand {
  type: 1
  name: string
  description: string
  options: DiscordTextOption[]
}

/** Always text: `ack 42 43` names two alerts and `silence 42 until tomorrow` is no number. The parser decides. */
interface DiscordTextOption {
  type: 3
  name: string
  description: string
  required: boolean
  choices?: { name: string; value: string }[]
}

const described = commandNames.map((name) => commands[name])
const single = new Set(described.filter(({ words }) => words.length === 1).map(({ words }) => words[0]))

/**
 * `/alert` with a subcommand per command; two-word commands share a group (`/alert rule list`). A group cannot bear the
 * name of a subcommand: what begins with another command is one word there, `silence-extend`.
 */
export function discordCommands(): DiscordCommand[] {
  const groups = Map.groupBy(described, ({ words: [first, ...more] }) =>
    more.length > 0 && !single.has(first) ? first : undefined,
  )
  const options: DiscordCommand['options'] = []
  for (const [group, members] of groups) {
    options.push(
      ...(group === undefined ? members.map((one) => subcommand(one)) : [commandGroup(group, members)]),
    )
  }
  return [{ type: 1, name: commandWord, description: 'See and settle what is wrong', options }]
}

function commandGroup(name: string, members: readonly CommandDescription[]): DiscordSubcommandGroup {
  const description = `What you can do with a ${name}`
  return { type: 2, name, description, options: members.map((one) => subcommand(one, one.words.at(-1))) }
}

function subcommand(
  { words, about, arguments: parameters }: CommandDescription,
  name = words.join('-'),
): DiscordSubcommand {
  return { type: 1, name, description: about, options: parameters.map(textOption) }
}

function textOption({ name, about, required, completes }: CommandArgument): DiscordTextOption {
  const choices = choicesFor[completes]
  const option = { type: 3 as const, name, description: about, required }
  return choices ? { ...option, choices: choices.map((value) => ({ name: value, value })) } : option
}

type ListFilter = Extract<Command, { name: 'list' }>['only']

const filters = { open: true, firing: true, acknowledged: true, resolved: true } satisfies Record<
  ListFilter,
  true
>

const choicesFor: Partial<Record<CommandArgument['completes'], string[]>> = {
  filter: Object.keys(filters),
  command: commandNames.map((name) => commands[name].words.join(' ')),
}

/** The line a person would have typed: Discord's options carry names, ours only an order. */
export function discordLineOf(words: readonly string[], option: (name: string) => string | null): string {
  const named = words.join('-')
  const meant = described.find((one) => one.words.join('-') === named)
  const values = (meant?.arguments ?? []).map(({ name }) => option(name) ?? '')
  return [...(meant?.words ?? words), ...values].filter(Boolean).join(' ')
}
