import { discordCommands } from './discord.ts'
import { slackManifest } from './slack.ts'
import { placeholderAppId, teamsManifest } from './teams.ts'

/** What one installation knows and the files in this folder cannot. */
export interface Installation {
  /** Where chats can reach Tocsin; left out, Slack uses Socket Mode. */
  readonly publicUrl?: string | undefined
  readonly teamsAppId?: string | undefined
}

/** Shown by Teams to whoever installs the app. */
const website = 'https://tocsin.example'

/** File name → text of everything in this folder that is made from the command registry. */
export function generatedFiles({ publicUrl, teamsAppId = placeholderAppId }: Installation = {}) {
  return {
    'slack.json': toText(slackManifest({ ...(publicUrl !== undefined && { publicUrl }) })),
    'teams/manifest.json': toText(teamsManifest({ appId: teamsAppId, website: publicUrl ?? website })),
    'discord.json': toText(discordCommands()),
  }
}

function toText(manifest: object): string {
  return `${JSON.stringify(manifest, null, 2)}\n`
}
