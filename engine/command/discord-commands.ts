import type { Command } from './command.ts'
import type { CommandArgument, CommandDescription } from './description.ts'
import { quoted } from './quoting.ts'
import { commandNames, commands, commandWord } from './registry.ts'

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

interface DiscordPath {
  readonly group?: string
  readonly name: string
}

/** A command has room for 25 subcommands and groups: larger families than this share a group. */
const mostBesideEachOther = 5

/** A group cannot bear the name of a subcommand: `contact ada` is called `contact show` there. */
function pathOf({ words, infix }: CommandDescription): DiscordPath {
  const [first = '', ...more] = [...words, ...infix]
  const family = described.filter((one) => one.words[0] === first)
  const isCalledSo = family.some((one) => one.words.length + one.infix.length === 1)
  if (isCalledSo && family.length <= mostBesideEachOther) return { name: [first, ...more].join('-') }
  if (family.length === 1 && more.length === 0) return { name: first }
  return { group: first, name: more.join('-') || 'show' }
}

/**
 * `/alert` with a subcommand per command; two-word commands share a group (`/alert rule list`). What begins with another
 * command is one word there, `silence-extend`, or that command is in the group too, `contact show`.
 */
export function discordCommands(): DiscordCommand[] {
  const groups = Map.groupBy(described, (one) => pathOf(one).group)
  const options: DiscordCommand['options'] = []
  for (const [group, members] of groups) {
    options.push(...(group === undefined ? members.map(subcommand) : [commandGroup(group, members)]))
  }
  return [{ type: 1, name: commandWord, description: 'See and settle what is wrong', options }]
}

function commandGroup(name: string, members: readonly CommandDescription[]): DiscordSubcommandGroup {
  const description = `What you can do with a ${name}`
  return { type: 2, name, description, options: members.map(subcommand) }
}

function subcommand(command: CommandDescription): DiscordSubcommand {
  const { about, arguments: parameters } = command
  return { type: 1, name: pathOf(command).name, description: about, options: parameters.map(textOption) }
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
}

/** The line a person would have typed: Discord's options carry names, ours only an order. */
export function discordLineOf(words: readonly string[], option: (name: string) => string | null): string {
  const named = words.join(' ')
  const meant = described.find((one) => {
    const { group, name } = pathOf(one)
    return [group, name].filter(Boolean).join(' ') === named
  })
  const [first = '', ...others] = (meant?.arguments ?? []).map(({ name }) => option(name) ?? '')
  // Words may follow the first argument only where nothing in it can be taken for them.
  const infix = meant?.infix ?? []
  const spokenOf = infix.length > 0 ? quoted(first) : first
  return [...(meant?.words ?? words), spokenOf, ...infix, ...others].filter(Boolean).join(' ')
}
