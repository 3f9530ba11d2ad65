import {
  type CommandDescription,
  commandNames,
  commands,
  commandWord,
  usage,
} from '#engine/command/registry.ts'
import { type Message, message } from '#engine/message/message.ts'

/** `/alert help`, and `/alert help silence`. */
export function help(topic?: string): Message {
  const name = commandNames.find((name) => commands[name].words.join(' ') === topic?.trim().toLowerCase())
  if (!name) return overview(topic)
  const { about, arguments: parameters, examples } = commands[name]
  return message({
    headline: `/${commandWord} ${usage(name)}`,
    lines: [[about, '.'], ...examples.map((example) => [{ code: `/${commandWord} ${example}` }])],
    facts: parameters.map((parameter) => ({ label: parameter.name, value: [parameter.about] })),
  })
}

function overview(topic: string | undefined): Message {
  const unknown = topic ? [[`There is no command "${topic.slice(0, 80)}"; these there are:`]] : []
  return message({
    headline: 'What you can ask for',
    lines: unknown,
    items: commandNames.map((name) => ({
      tone: 'neutral',
      line: [{ code: `/${commandWord} ${usage(name)}` }],
      detail: [commands[name].about, who(commands[name])],
    })),
    notes: [['Buttons under a message do the same; the number is the one behind the #.']],
  })
}

function who({ needs }: CommandDescription): string {
  return needs === 'VIEWER' ? '' : ` (${needs.toLowerCase()}s)`
}
