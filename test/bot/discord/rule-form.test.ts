import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type DiscordHouse, discordHouse } from '#test/harness/discord-house.ts'
import { labelsOf, textOf } from '#test/harness/fake-discord-people.ts'

let house: DiscordHouse

beforeEach(async () => {
  house = await discordHouse()
})
afterEach(() => house.close())

describe('a rule by form', () => {
  test('goes from modal to page to modal, keeps values on an error, and saves after the preview', async () => {
    await house.open()
    const ana = house.discord.person('Ana')
    const opened = await ana.command(['rule', 'create'])
    expect(opened.modal()).toMatchObject({ title: 'Create a rule (1 of 3)' })

    const faulty = await ana.fillIn(opened, { name: 'Taken', kind: 'LOG_PATTERN' })
    const page = await faulty.says('**Name**: There is a rule of this name.')
    expect(page.isEphemeral).toBe(true)

    const again = await ana.press(page, 'Try again')
    expect(JSON.stringify(again.modal())).toContain('"value":"Taken"')
    const next = await ana.fillIn(again, { name: 'Slow orders' })
    await next.says('Create a rule (2 of 3)')
    expect(next.message().id).toBe(page.id)

    const threshold = await ana.press(page, 'Continue')
    const previewed = await ana.fillIn(threshold, { threshold: '500' })
    await previewed.says('It would have fired twice: Slow orders above 500')

    const saved = await ana.press(page, 'Save')
    await saved.says('Rule "Slow orders" is saved')
    expect(house.front.rules).toEqual([{ name: 'Slow orders', kind: 'LOG_PATTERN', threshold: '500' }])
    expect(labelsOf(page)).toEqual([])
    expect(house.discord.channelMessages()).toEqual([])
  })

  test('opened from the living message never overwrites it', async () => {
    await house.open()
    const ana = house.discord.person('Ana')
    const { posted } = await house.postFortyTwo()
    const opened = await ana.press(posted, 'New rule')
    const next = await ana.fillIn(opened, { name: 'Slow orders' })
    expect((await next.says('Create a rule (2 of 3)')).isEphemeral).toBe(true)
    expect(textOf(posted)).toContain('#42 FIRING')
  })

  test('that is gone refuses and leaves the page as it was', async () => {
    await house.open()
    const ana = house.discord.person('Ana')
    const opened = await ana.command(['rule', 'create'])
    const page = (await ana.fillIn(opened, { name: 'Slow orders' })).message()
    const stale = await ana.press(page, 'Continue')
    const done = await ana.fillIn(stale, { threshold: '500' })
    await ana.press(done.message(), 'Save')
    await (await ana.fillIn(stale, { threshold: '600' })).says('This form was closed.')
    expect(textOf(page)).toContain('is saved')
    expect(house.front.rules).toHaveLength(1)
  })
})
