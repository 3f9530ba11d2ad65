import type { CommandName } from './command.ts'
import { type CommandArgument, type CommandDescription, plain } from './description.ts'
import { contactId, directoryCommands } from './directory-commands.ts'

/** The slash command of every platform. */
export const commandWord = 'alert'

const incident: CommandArgument = {
  name: 'number',
  about: 'the number behind the # of an alert',
  required: true,
  completes: 'incident',
}

const ruleName = plain('rule', 'its name, or the beginning of its id', true)
const silenceId = plain('id', 'of a silence, as silences shows it', true)

/** The one list every door is built from: parsing, help, completion, and the manifests of Slack, Teams and Discord. */
export const commands: Record<CommandName, CommandDescription> = {
  list: {
    words: ['list'],
    infix: [],
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
    infix: [],
    arguments: [incident],
    about: 'Show one alert with its picture and its story',
    needs: 'VIEWER',
    examples: ['show 42'],
  },
  acknowledge: {
    words: ['ack'],
    infix: [],
    arguments: [incident],
    about: 'Say that you are looking at it; reminders stop',
    needs: 'OPERATOR',
    examples: ['ack 42', 'ack 42 43', 'ack 42.2'],
  },
  silence: {
    words: ['silence'],
    infix: [],
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
    infix: [],
    arguments: [incident],
    about: 'Close an alert by hand; it stays quiet until it has cleared once',
    needs: 'OPERATOR',
    examples: ['resolve 42', 'resolve 42 43', 'resolve 42.2'],
  },
  'rule-list': {
    words: ['rule', 'list'],
    infix: [],
    arguments: [],
    about: 'Show what is watched, and how each rule is doing',
    needs: 'VIEWER',
    examples: ['rule list'],
  },
  'rule-create': {
    words: ['rule', 'create'],
    infix: [],
    arguments: [],
    about: 'Watch something new, by form, with a preview before saving',
    needs: 'OPERATOR',
    examples: ['rule create'],
  },
  help: {
    words: ['help'],
    infix: [],
    arguments: [{ name: 'command', about: 'one of these commands', required: false, completes: 'command' }],
    about: 'Say what you can ask for',
    needs: 'VIEWER',
    examples: ['help', 'help silence'],
  },
  'rule-show': {
    words: ['rule', 'show'],
    infix: [],
    arguments: [ruleName],
    about: 'Show one rule with all that was set, and how it is doing',
    needs: 'VIEWER',
    examples: ['rule show Card payments are failing', 'rule show 3f2a9c1b'],
  },
  'rule-enable': {
    words: ['rule', 'enable'],
    infix: [],
    arguments: [ruleName],
    about: 'Switch a rule on',
    needs: 'OPERATOR',
    examples: ['rule enable Card payments are failing'],
  },
  'rule-disable': {
    words: ['rule', 'disable'],
    infix: [],
    arguments: [ruleName],
    about: 'Switch a rule off; what it fires stays for people to resolve',
    needs: 'OPERATOR',
    examples: ['rule disable Card payments are failing', 'rule disable 3f2a9c1b'],
  },
  'rule-delete': {
    words: ['rule', 'delete'],
    infix: [],
    arguments: [ruleName],
    about: 'Delete a rule, after asking; its alerts stay for people to resolve',
    needs: 'OPERATOR',
    examples: ['rule delete 3f2a9c1b'],
  },
  'silence-list': {
    words: ['silences'],
    infix: [],
    arguments: [],
    about: 'Show what is silenced, and what will be',
    needs: 'VIEWER',
    examples: ['silences'],
  },
  'silence-where': {
    words: ['silence', 'where'],
    infix: [],
    arguments: [
      plain('matchers', 'labels such as team="payments" severity=critical; by form without', false),
      plain('when', 'such as for 2h starting 22:00 because …, or every 0 22 * * 6 in Europe/Berlin', false),
    ],
    about: 'Keep alerts quiet by their labels: now, planned ahead, or again and again',
    needs: 'OPERATOR',
    examples: [
      'silence where team="payments" severity=critical for 2h because moving racks',
      'silence where app=~"orders|shop" for 4h starting tomorrow 22:00',
      'silence where rack=eu-1 for 2h every 0 22 * * 6 in Europe/Berlin',
      'silence where',
    ],
  },
  'maintenance-list': {
    words: ['maintenances'],
    infix: [],
    arguments: [],
    about: 'Show what is in maintenance, and what will be',
    needs: 'VIEWER',
    examples: ['maintenances'],
  },
  maintenance: {
    words: ['maintenance'],
    infix: [],
    arguments: [
      plain('target', 'an entity (db-1), a check (db-1:disk) or a pattern (/^db-/)', true),
      plain('when', 'such as for 2h starting tomorrow 22:00 because of new disks', true),
    ],
    about: 'Plan a time in which nobody hears of these checks',
    needs: 'OPERATOR',
    examples: [
      'maintenance db-1 for 2h',
      'maintenance /^db-/ for 4h starting tomorrow 22:00 because of new disks',
    ],
  },
  'silence-extend': {
    words: ['silence', 'extend'],
    infix: [],
    arguments: [silenceId, plain('duration', 'how much longer, such as 1h', true)],
    about: 'Let a silence last longer',
    needs: 'OPERATOR',
    examples: ['silence extend 3f2a9c1b 1h'],
  },
  'silence-expire': {
    words: ['silence', 'expire'],
    infix: [],
    arguments: [silenceId],
    about: 'End a silence now; what still fires is told',
    needs: 'OPERATOR',
    examples: ['silence expire 3f2a9c1b'],
  },
  'maintenance-end': {
    words: ['maintenance', 'end'],
    infix: [],
    arguments: [plain('id', 'of a maintenance, as maintenances shows it', true)],
    about: 'End a maintenance now; what still fires is told',
    needs: 'OPERATOR',
    examples: ['maintenance end 3f2a9c1b'],
  },
  'contact-list': {
    words: ['contacts'],
    infix: [],
    arguments: [],
    about: 'Show who can be reached outside of the chat',
    needs: 'VIEWER',
    examples: ['contacts'],
  },
  contact: {
    words: ['contact'],
    infix: [],
    arguments: [contactId],
    about: 'Show the media and rules of one contact',
    needs: 'VIEWER',
    examples: ['contact ada'],
  },
  who: {
    words: ['who'],
    infix: [],
    arguments: [plain('check', 'such as db-1:disk', true)],
    about: 'Explain who would hear of a check now, and why',
    needs: 'VIEWER',
    examples: ['who db-1:disk'],
  },
  explain: {
    words: ['explain'],
    infix: [],
    arguments: [plain('alert', 'the number of an alert, or a check such as db-1:disk', true)],
    about: 'Explain who hears of an alert and why, and who does not and why not',
    needs: 'VIEWER',
    examples: ['explain 42', 'explain db-1:disk'],
  },
  routes: {
    words: ['routes'],
    infix: [],
    arguments: [],
    about: 'Show who hears of what, by category and severity',
    needs: 'VIEWER',
    examples: ['routes'],
  },
  route: {
    words: ['route'],
    infix: [],
    arguments: [
      plain(
        'category',
        'global, metrics, backups, service-checks, nodes, commands, repairs, rolling-restart',
        true,
      ),
      plain('severity', 'info, warning or error', true),
      plain('receivers', 'to and their names; nobody; or default', true),
    ],
    about: 'Say who hears of one category at one severity',
    needs: 'OPERATOR',
    examples: ['route backups error to dba, ops', 'route backups info nobody', 'route backups info default'],
  },
  test: {
    words: ['test'],
    infix: [],
    arguments: [plain('check', 'such as db-1:disk', true)],
    about: 'Send a test, to see whether people are reached',
    needs: 'OPERATOR',
    examples: ['test db-1:disk'],
  },
  ...directoryCommands,
}

/** What a command is called, as help and refusals name it: `silence extend`, `contact media`. */
export function commandTitle(name: CommandName): string {
  const { words, infix } = commands[name]
  return [...words, ...infix].join(' ')
}

export const commandNames = Object.keys(commands) as readonly CommandName[]

/** `silence <number> [duration]`, as help prints it. */
export function usage(name: CommandName): string {
  const { words, infix, arguments: parameters } = commands[name]
  const [first = [], ...others] = parameters.map((one) => (one.required ? `<${one.name}>` : `[${one.name}]`))
  return [...words, first, ...infix, ...others].flat().join(' ')
}
