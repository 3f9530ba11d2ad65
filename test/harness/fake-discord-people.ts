import { eventually } from './eventually.ts'
import { interactionJson, type Speaker } from './fake-discord-payloads.ts'
import type { FakeGateway } from './fake-discord-gateway.ts'
import type { FakeInteraction, FakeMessage, FakeWorld } from './fake-discord-world.ts'

type Json = Record<string, unknown>

/** What a person sees after having done something. Stays true: the message in it is the living one. */
interface Seen {
  readonly interaction: FakeInteraction
  /** The message that answered, private or not; fails where there is none. */
  message(): FakeMessage
  /** Waits until the answer says this. */
  says(text: string): Promise<FakeMessage>
  modal(): Json
}

export interface FakePerson {
  command(words: readonly string[], options?: Readonly<Record<string, string | number>>): Promise<Seen>
  press(message: FakeMessage, label: string): Promise<Seen>
  pick(message: FakeMessage, label: string): Promise<Seen>
  /** Sends in the modal that was seen; what is not named keeps the value it was shown with. */
  fillIn(seen: Seen, values: Readonly<Record<string, string>>): Promise<Seen>
  /** Like the others, without waiting for an answer. */
  pressWithoutWaiting(message: FakeMessage, label: string): FakeInteraction
}

export function fakePerson(world: FakeWorld, gateway: FakeGateway, speaker: Speaker): FakePerson {
  const tell = (interaction: FakeInteraction, data: Json): FakeInteraction => {
    gateway.dispatch('INTERACTION_CREATE', interactionJson(world, interaction, { speaker, data }))
    return interaction
  }
  const press = (message: FakeMessage, label: string) => {
    const button = controlsOf(message).find((one) => one['type'] === 2 && one['label'] === label)
    if (!button) throw new Error(`No button "${label}" on: ${textOf(message)}`)
    return tell(world.newInteraction('press', message), {
      component_type: 2,
      custom_id: button['custom_id'],
      id: 2,
    })
  }
  return {
    command: (words, options = {}) => {
      const data = { id: '1', name: 'alert', type: 1, options: nest(words, options) }
      return seen(tell(world.newInteraction('command'), data))
    },
    press: (message, label) => seen(press(message, label)),
    pressWithoutWaiting: press,
    pick: (message, label) => {
      const menus = controlsOf(message).filter((one) => one['type'] === 3)
      for (const { custom_id, options } of menus) {
        const option = (options as Json[]).find((one) => one['label'] === label)
        if (!option) continue
        const data = { component_type: 3, custom_id, values: [option['value']], id: 2 }
        return seen(tell(world.newInteraction('press', message), data))
      }
      throw new Error(`No menu has "${label}" on: ${textOf(message)}`)
    },
    fillIn: (opened, values) => {
      const modal = opened.modal()
      const components = (modal['components'] as Json[]).map((part, at) => submitted(part, at, values))
      const data = { custom_id: modal['custom_id'], components, resolved: {} }
      return seen(tell(world.newInteraction('modal', opened.interaction.source), data))
    },
  }
}

/** Everything of a message that can be read, for assertions. */
export function textOf(message: FakeMessage): string {
  const fields = message.embeds.flatMap((embed) => (embed['fields'] ?? []) as Json[])
  const texts = fields.map((field) => `${String(field['name'])}: ${String(field['value'])}`)
  return [
    message.content,
    ...message.embeds.map((embed) => (embed['description'] ?? '') as string),
    ...texts,
  ].join('\n')
}

export function labelsOf(message: FakeMessage): string[] {
  return controlsOf(message).map((one) => String(one['label'] ?? one['placeholder']))
}

function controlsOf(message: FakeMessage): Json[] {
  return message.components.flatMap((row) => row['components'] as Json[])
}

async function seen(interaction: FakeInteraction): Promise<Seen> {
  await eventually('the app answers', () => interaction.callback !== undefined)
  const message = () => interaction.followUps.at(-1) ?? interaction.original
  return {
    interaction,
    message: () => message() ?? fail('Nothing was shown.'),
    modal: () =>
      interaction.modal ?? fail(`No form was opened, but: ${textOf(message() ?? fail('nothing'))}`),
    says: (text) =>
      eventually(`the answer says "${text}"`, () => {
        const shown = message()
        return shown && textOf(shown).includes(text) ? shown : undefined
      }),
  }
}

function fail(message: string): never {
  throw new Error(message)
}

/** `['rule', 'list']` → a group holding a subcommand, as Discord sends it. */
function nest(words: readonly string[], options: Readonly<Record<string, string | number>>): Json[] {
  const given = Object.entries(options).map(([name, value]) => ({
    name,
    type: typeof value === 'string' ? 3 : 4,
    value,
  }))
  const [first, second] = words
  if (second === undefined) return [{ name: first, type: 1, options: given }]
  return [{ name: first, type: 2, options: [{ name: second, type: 1, options: given }] }]
}

function submitted(part: Json, at: number, values: Readonly<Record<string, string>>): Json {
  if (part['type'] !== 18) return { type: part['type'], id: at }
  const component = part['component'] as Json
  const { type, custom_id } = component
  const value = values[String(custom_id)] ?? shownValue(component)
  if (component['required'] === true && value === '')
    throw new Error(`${String(custom_id)} has to be filled in`)
  const given = type === 3 ? { values: value === '' ? [] : [value] } : { value }
  return { type: 18, id: at, component: { type, custom_id, id: at + 10, ...given } }
}

function shownValue(component: Json): string {
  const chosen = (component['options'] as Json[] | undefined)?.find((option) => option['default'] === true)
  return (chosen?.['value'] ?? component['value'] ?? '') as string
}
