import type { Role } from '#engine/person.ts'
import type { CommandName } from './command.ts'

/** The slash command of every platform. */
export const commandWord = 'alert'

export interface CommandDescription {
  /** The words after `/alert`, as typed. */
  readonly words: readonly string[]
  /** What may follow the words, in help's notation: `<number>` is needed, `[duration]` is not. */
  readonly arguments: readonly CommandArgument[]
  /** One sentence for help, manifests and completion. */
  readonly about: string
  readonly needs: Role
  readonly examples: readonly string[]
}

export interface CommandArgument {
  readonly name: string
  readonly about: string
  readonly required: boolean
  readonly completes: 'incident' | 'duration' | 'filter' | 'command' | 'nothing'
}

const incident: CommandArgument = {
  name: 'number',
  about: 'the number behind the # of an alert',
  required: true,
  completes: 'incident',
}

/** The one list every door is built from: parsing, help, completion, and the manifests of Slack, Teams and Discord. */
export const commands: Record<CommandName, CommandDescription> = {
  list: {
    words: ['list'],
    arguments: [
      {
        name: 'which',
        about: 'open, firing, acknowledged or resolved',
        required: false,
        completes: 'filter',
      },
    ],
    about: 'Show what is wrong right now, worst first',
    needs: 'VIEWER',
    examples: ['list', 'list resolved'],
  },
  show: {
    words: ['show'],
    arguments: [incident],
    about: 'Show one alert with its picture and its story',
    needs: 'VIEWER',
    examples: ['show 42'],
  },
  acknowledge: {
    words: ['ack'],
    arguments: [incident],
    about: 'Say that you are looking at it; reminders stop',
    needs: 'OPERATOR',
    examples: ['ack 42', 'ack 42 43'],
  },
  silence: {
    words: ['silence'],
    arguments: [
      incident,
      {
        name: 'duration',
        about: 'such as 30m, 4h, or until tomorrow',
        required: false,
        completes: 'duration',
      },
    ],
    about: 'Keep an alert quiet for a while',
    needs: 'OPERATOR',
    examples: ['silence 42 1h', 'silence 42 until tomorrow', 'silence 42'],
  },
  resolve: {
    words: ['resolve'],
    arguments: [incident],
    about: 'Close an alert by hand; it stays quiet until it has cleared once',
    needs: 'OPERATOR',
    examples: ['resolve 42', 'resolve 42 43'],
  },
  'rule-list': {
    words: ['rule', 'list'],
    arguments: [],
    about: 'Show what is watched, and how each rule is doing',
    needs: 'VIEWER',
    examples: ['rule list'],
  },
  'rule-create': {
    words: ['rule', 'create'],
    arguments: [],
    about: 'Watch something new, by form, with a preview before saving',
    needs: 'OPERATOR',
    examples: ['rule create'],
  },
  help: {
    words: ['help'],
    arguments: [{ name: 'command', about: 'one of these commands', required: false, completes: 'command' }],
    about: 'Say what you can ask for',
    needs: 'VIEWER',
    examples: ['help', 'help silence'],
  },
}

export const commandNames = Object.keys(commands) as readonly CommandName[]

/** `silence <number> [duration]`, as help prints it. */
export function usage(name: CommandName): string {
  const { words, arguments: parameters } = commands[name]
  return [...words, ...parameters.map((one) => (one.required ? `<${one.name}>` : `[${one.name}]`))].join(' ')
}
