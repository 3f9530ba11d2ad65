import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { discordCommands, discordLineOf } from '#engine/command/discord-commands.ts'
import { isComplaint, parseCommand } from '#engine/command/parse.ts'
import { commandNames, commandTitle } from '#engine/command/registry.ts'
import { complaintsAboutCommands } from '#test/harness/discord-limits.ts'

describe('the command set of Discord', () => {
  test('is what the manifest says', async () => {
    const manifest = await readFile(new URL('../../../manifests/discord.json', import.meta.url), 'utf8')
    expect(JSON.parse(manifest)).toEqual(discordCommands())
  })

  test('keeps every limit', () => {
    expect(complaintsAboutCommands(discordCommands())).toEqual([])
  })

  test('is one command with a subcommand each, two-word commands in a group or, below another command, joined, and what a large family can do in one group', () => {
    const [alert, ...more] = discordCommands()
    expect(more).toEqual([])
    const names = alert?.options.flatMap((option) =>
      option.type === 2 ? option.options.map((inner) => `${option.name} ${inner.name}`) : [option.name],
    )
    const ofContacts = ['show', 'add', 'remove', 'media', 'hears', 'no-longer-hears', 'rule', 'rule-remove']
    const titles = commandNames.map(commandTitle).filter((title) => !/^contact\b/.test(title))
    const joined = titles.map((title) => title.replace(/^(silence|maintenance) /, '$1-'))
    expect(names?.sort()).toEqual([...joined, ...ofContacts.map((one) => `contact ${one}`)].sort())
  })

  test.each([
    [['list'], {}, 'list'],
    [['list'], { which: 'resolved' }, 'list resolved'],
    [['ack'], { number: '42 43' }, 'ack 42 43'],
    [['silence'], { duration: '1h', number: '42' }, 'silence 42 1h'],
    [['rule', 'create'], {}, 'rule create'],
    [['silence-expire'], { id: '3f2a' }, 'silence expire 3f2a'],
    [['silence-where'], { matchers: 'team="a b"', when: 'for 2h' }, 'silence where team="a b" for 2h'],
    [['maintenance'], { target: '/^db-/', when: 'for 2h' }, 'maintenance /^db-/ for 2h'],
    [['contact', 'show'], { id: 'Ada L' }, 'contact Ada L'],
    [['contact', 'add'], { id: 'ada', details: 'zone UTC' }, 'contact add ada zone UTC'],
    [
      ['contact', 'media'],
      { id: 'Ada L', type: 'sms', address: '+4917 every 5m' },
      'contact "Ada L" media sms +4917 every 5m',
    ],
    [['contact', 'no-longer-hears'], { id: 'ada', subject: 'db-1' }, 'contact ada no longer hears db-1'],
    [['contact', 'rule'], { id: 'ada' }, 'contact ada rule'],
    [['contact', 'rule-remove'], { id: 'ada', rule: '3f2a' }, 'contact ada rule remove 3f2a'],
    [['help'], { command: 'rule list' }, 'help rule list'],
  ])('%j with %j is the line "%s"', (words, options: Record<string, string>, line) => {
    const written = discordLineOf(words, (name) => options[name] ?? null)
    expect(written).toBe(line)
    expect(isComplaint(parseCommand(written))).toBe(false)
  })
})
