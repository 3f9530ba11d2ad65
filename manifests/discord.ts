import { type DiscordCommand, discordCommands as commands } from '#engine/command/discord-commands.ts'

/** What manifests/discord.json holds: the set the bot registers in its server at every start. */
export function discordCommands(): DiscordCommand[] {
  return commands()
}
