import schema from '@microsoft/app-manifest/build/json-schemas/teams/v1.29/MicrosoftTeams.schema.json' with { type: 'json' }
import { readFile } from 'node:fs/promises'
import Ajv from 'ajv-draft-04'
import addFormats from 'ajv-formats'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { commandNames, commands } from '#engine/command/registry.ts'

function packaged(file: string): Promise<Buffer> {
  return readFile(new URL(`../../../manifests/teams/${file}`, import.meta.url))
}

async function manifest(): Promise<unknown> {
  return JSON.parse((await packaged('manifest.json')).toString('utf8'))
}

it('the Teams app is what Microsoft’s schema asks for', async () => {
  const ajv = new Ajv.default({ strict: false, allErrors: true })
  addFormats.default(ajv)
  ajv.validate(schema, await manifest())
  expect(ajv.errors).toBeNull()
})

it('the Teams app offers as many commands as it may, and the rule form in its menu', async () => {
  const offered = z
    .object({
      bots: z.tuple([
        z.object({
          commandLists: z.tuple([z.object({ commands: z.array(z.object({ title: z.string() })) })]),
        }),
      ]),
      composeExtensions: z.tuple([z.object({ commands: z.array(z.object({ id: z.string() })) })]),
    })
    .parse(await manifest())
  const titles = offered.bots[0].commandLists[0].commands.map(({ title }) => title)
  expect(titles).toEqual(commandNames.slice(0, 12).map((name) => commands[name].words.join(' ')))
  expect(offered.composeExtensions[0].commands).toEqual([{ id: 'rule-create' }])
})

it.each([
  ['color.png', 192],
  ['outline.png', 32],
])('the icon %s is %i pixels wide and high', async (file, size) => {
  const icon = await packaged(file)
  expect(icon.subarray(1, 4).toString()).toBe('PNG')
  expect([icon.readUInt32BE(16), icon.readUInt32BE(20)]).toEqual([size, size])
})
