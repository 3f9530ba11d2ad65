import { commandNames, commands, commandTitle, commandWord, usage } from '#engine/command/registry.ts'
import type { CommandName } from '#engine/command/command.ts'
import type { CommandDescription } from '#engine/command/description.ts'
import { type Item, type Message, message } from '#engine/message/message.ts'

/** `/alert help`, and `/alert help silence`. */
export function help(topic?: string): Message {
  const name = commandNames.find((name) => commandTitle(name) === topic?.trim().toLowerCase())
  if (!name) return overview(topic)
  const { about, arguments: parameters, examples } = commands[name]
  return message({
    headline: `/${commandWord} ${usage(name)}`,
    lines: [[about, '.'], ...examples.map((example) => [{ code: `/${commandWord} ${example}` }])],
    facts: parameters.map((parameter) => ({ label: parameter.name, value: [parameter.about] })),
    items: family(name),
  })
}

/** What begins with the same word, where only one of them was asked for: `help contact` leads to `contact media`. */
function family(name: CommandName): Item[] {
  const { words } = commands[name]
  if (commandTitle(name) !== words[0]) return []
  return commandNames.filter((other) => other !== name && commands[other].words[0] === words[0]).map(item)
}

function item(name: CommandName): Item {
  return {
    tone: 'neutral',
    line: [{ code: `/${commandWord} ${usage(name)}` }],
    detail: [commands[name].about, who(commands[name])],
  }
}

function overview(topic: string | undefined): Message {
  const unknown = topic ? [[`There is no command "${topic.slice(0, 80)}"; these there are:`]] : []
  return message({
    headline: 'What you can ask for',
    lines: unknown,
    items: commandNames.map(item),
    notes: [['Buttons under a message do the same; the number is the one behind the #.']],
  })
}

function who({ needs }: CommandDescription): string {
  return needs === 'VIEWER' ? '' : ` (${needs.toLowerCase()}s)`
}
