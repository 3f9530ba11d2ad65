import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { discordCommands, discordLineOf } from '#engine/command/discord-commands.ts'
import { isComplaint, parseCommand } from '#engine/command/parse.ts'
import { commandNames, commands } from '#engine/command/registry.ts'
import { complaintsAboutCommands } from '#test/harness/discord-limits.ts'

describe('the command set of Discord', () => {
  test('is what the manifest says', async () => {
    const manifest = await readFile(new URL('../../../manifests/discord.json', import.meta.url), 'utf8')
    expect(JSON.parse(manifest)).toEqual(discordCommands())
  })

  test('keeps every limit', () => {
    expect(complaintsAboutCommands(discordCommands())).toEqual([])
  })

  test('is one command with a subcommand each, two-word commands in a group', () => {
    const [alert, ...more] = discordCommands()
    expect(more).toEqual([])
    const names = alert?.options.flatMap((option) =>
      option.type === 2 ? option.options.map((inner) => `${option.name} ${inner.name}`) : [option.name],
    )
    expect(names?.sort()).toEqual(commandNames.map((name) => commands[name].words.join(' ')).sort())
  })

  test.each([
    [['list'], {}, 'list'],
    [['list'], { which: 'resolved' }, 'list resolved'],
    [['ack'], { number: '42 43' }, 'ack 42 43'],
    [['silence'], { duration: '1h', number: '42' }, 'silence 42 1h'],
    [['rule', 'create'], {}, 'rule create'],
    [['help'], { command: 'rule list' }, 'help rule list'],
  ])('%j with %j is the line "%s"', (words, options: Record<string, string>, line) => {
    const written = discordLineOf(words, (name) => options[name] ?? null)
    expect(written).toBe(line)
    expect(isComplaint(parseCommand(written))).toBe(false)
  })
})
