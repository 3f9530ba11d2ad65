import { commandNames, commands, commandTitle, usage } from '#engine/command/registry.ts'

export interface TeamsManifestOptions {
  /** The bot's Entra application (client) id; it is also the id of the app package. */
  readonly appId: string
  /** Where the project and its terms can be read about; https, asked for by the schema. */
  readonly website: string
}

/** What stands in for the app id in the committed file: valid to the schema, and recognisable. */
export const placeholderAppId = '00000000-0000-0000-0000-000000000000'

const scopes = ['team', 'groupChat', 'personal'] as const

/** The Teams app (https://learn.microsoft.com/microsoftteams/platform/resources/schema/manifest-schema). */
export function teamsManifest({ appId, website }: TeamsManifestOptions) {
  return {
    $schema: 'https://developer.microsoft.com/json-schemas/teams/v1.29/MicrosoftTeams.schema.json',
    manifestVersion: '1.29',
    version: '0.1.0',
    id: appId,
    developer: { name: 'Tocsin', websiteUrl: website, privacyUrl: website, termsOfUseUrl: website },
    name: { short: 'Tocsin', full: 'Tocsin alerting' },
    description: {
      short: 'Alerts you acknowledge, silence and resolve right in the conversation',
      full:
        'Tocsin watches telemetry and decides what is worth interrupting a person for. Each alert is one message ' +
        'that stays true: acknowledge it, silence it or resolve it with its buttons, and everyone sees it.',
    },
    icons: { color: 'color.png', outline: 'outline.png' },
    accentColor: '#B3261E',
    bots: [{ botId: appId, scopes, supportsTargetedMessages: true, commandLists: [commandList()] }],
    composeExtensions: [{ botId: appId, commands: [dialogCommand('rule-create', 'Create a rule')] }],
    defaultInstallScope: 'team',
  }
}

/** The schema's limit; what is not offered is understood all the same, and `help` shows it. */
const mostCommands = 12

/** Offered behind a mention everywhere, and behind a slash where Teams has that already. */
function commandList() {
  return {
    scopes,
    triggers: ['mention', 'slash'],
    commands: commandNames.slice(0, mostCommands).map((name) => ({
      title: commandTitle(name),
      description: `${commands[name].about} (${usage(name)})`,
    })),
  }
}

/** The id is what the bot gets back: the command's words, joined. */
function dialogCommand(name: 'rule-create', title: string) {
  return {
    id: commands[name].words.join('-'),
    type: 'action',
    title,
    description: commands[name].about,
    context: ['compose', 'commandBox'],
    fetchTask: true,
  }
}
