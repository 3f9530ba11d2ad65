import type { Interaction } from 'discord.js'
import type { Front } from '#bot/front.ts'
import { stranger } from '#engine/audit.ts'
import type { Answer } from '#engine/command/answer.ts'
import { isComplaint, parseCommand } from '#engine/command/parse.ts'
import { commands } from '#engine/command/registry.ts'
import { renderDiscord, renderDiscordLine } from '#engine/message/discord.ts'
import type { Form } from '#engine/view/form.ts'
import { needsPage, renderDiscordForm, renderDiscordPage } from '#engine/view/discord-form.ts'
import { type Ask, readAsk } from './ask.ts'
import type { Home } from './home.ts'
import { identify } from './identify.ts'
import { inTime } from './in-time.ts'
import { type Heard, type Reply, replyAnew, replyBeside, replyInPlace, whisper } from './reply.ts'

/** Answers one interaction, whatever happens; never rejects. */
export async function hear(interaction: Interaction, front: Front, home: Home): Promise<void> {
  if (!isHeard(interaction)) return
  try {
    if (interaction.guildId === home.guildId) return await answer(interaction, front, home)
    front.noteRefusal({
      door: 'discord',
      actor: stranger(`${interaction.user.id} of ${interaction.guildId ?? 'a direct message'}`),
      what: 'an interaction from another server',
      because: `it only answers in the server ${home.guildName}`,
    })
    await whisper(interaction, renderDiscordLine([`I only answer in the server ${home.guildName}.`]))
  } catch (error) {
    front.log.error({ err: error, interaction: interaction.id }, 'Discord: an interaction failed')
    const sorry = `That did not work, and it is our fault. In the log it is interaction ${interaction.id}.`
    await whisper(interaction, renderDiscordLine([sorry])).catch((error: unknown) => {
      front.log.warn({ err: error, interaction: interaction.id }, 'Discord: could not even say sorry')
    })
  }
}

async function answer(heard: Heard, front: Front, home: Home): Promise<void> {
  const ask = readAsk(heard)
  const reply = replyTo(heard, ask)
  const work = front.meet(identify(heard, home)).then((person) => put(ask, front, person))
  await show(await inTime(work, () => reply.defer()), heard, { ask, reply })
}

function isHeard(interaction: Interaction): interaction is Interaction & Heard {
  return interaction.isChatInputCommand() || interaction.isMessageComponent() || interaction.isModalSubmit()
}

function replyTo(heard: Heard, ask: Ask): Reply {
  if (heard.isChatInputCommand()) return replyAnew(heard)
  if (ask.kind === 'reopen' || (ask.kind === 'submit' && ask.isOnPage)) return replyInPlace(heard)
  return heard.isMessageComponent() ? replyBeside(heard) : replyAnew(heard)
}

type Person = Awaited<ReturnType<Front['meet']>>

function put(ask: Ask, front: Front, person: Person): Promise<Answer> {
  if (ask.kind === 'say') return front.say(ask.line, person)
  if (ask.kind === 'submit') return front.submit(ask.formId, ask.values, person)
  if (ask.kind === 'reopen') return front.reopen(ask.formId, person)
  return Promise.resolve({
    kind: 'refused',
    because: 'This button is too old for me to understand. Try /alert help',
  })
}

async function show(answer: Answer, heard: Heard, { ask, reply }: { ask: Ask; reply: Reply }): Promise<void> {
  if (answer.kind === 'refused') return whisper(heard, renderDiscordLine([answer.because]))
  if (answer.kind === 'form') return showForm(answer.form, heard, { ask, reply })
  if (isSeenOnLivingMessage(heard, ask)) return reply.nothing()
  return reply.show(renderDiscord(answer.message))
}

/** A modal has to be the first answer and cannot follow another modal; a page with a button stands in for it then. */
async function showForm(form: Form, heard: Heard, { ask, reply }: { ask: Ask; reply: Reply }): Promise<void> {
  const hasReadPage = ask.kind === 'reopen'
  const fitsModal = form.fields.length > 0 && (hasReadPage || !needsPage(form))
  if (!fitsModal || heard.deferred || heard.isModalSubmit()) return reply.show(renderDiscordPage(form))
  await heard.showModal(renderDiscordForm(form, hasReadPage ? 'page' : 'form'))
}

/** The workers edit the message everyone sees, so a change asked for on it needs no words beside it. */
function isSeenOnLivingMessage(heard: Heard, ask: Ask): boolean {
  if (!heard.isMessageComponent() || heard.message.flags.has('Ephemeral') || ask.kind !== 'say') return false
  const command = parseCommand(ask.line)
  return !isComplaint(command) && commands[command.name].needs !== 'VIEWER'
}
