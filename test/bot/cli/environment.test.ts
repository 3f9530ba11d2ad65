import { isAbsolute } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseEnvironment } from '#bot/cli/environment.ts'

type Variables = Readonly<Record<string, string>>

/** The lines of the refusal, without its first. */
function complaints(variables: Variables): string[] {
  try {
    parseEnvironment(variables)
    return []
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const [first, ...lines] = error.message.split('\n')
    expect(first).toBe('the environment is not right.')
    return lines.map((line) => line.trim())
  }
}

const slack = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_CHANNEL: 'C1', SLACK_SIGNING_SECRET: 's' }
const teamsId = '11111111-1111-4111-8111-111111111111'

describe('nothing set', () => {
  test('is a whole house on loopback', () => {
    expect(parseEnvironment({})).toMatchObject({ port: 3000, host: '127.0.0.1', isLoopback: true })
    expect(isAbsolute(parseEnvironment({}).dataFolder)).toBe(true)
  })

  test('an empty variable is one that is not set', () => {
    const names = [
      'PORT',
      'HOST',
      'DATABASE_URL',
      'REDIS_URL',
      'CLICKHOUSE_URL',
      'SLACK_BOT_TOKEN',
      'TOCSIN_TOKEN',
      'LOG_LEVEL',
    ]
    expect(parseEnvironment(Object.fromEntries(names.map((name) => [name, ''])))).toEqual(
      parseEnvironment({}),
    )
  })

  test('variables of others are none of our business', () => {
    expect(parseEnvironment({ PATH: '/bin', npm_config_registry: 'x' })).toEqual(parseEnvironment({}))
  })
})

describe('what is set is read', () => {
  test.each<[Variables, object]>([
    [{ PORT: '8080' }, { port: 8080 }],
    [
      { TOCSIN_DEPLOY_BACKLOG_CAP: '0', TOCSIN_EXCHANGE_OVERLAP: '20m', TOCSIN_EXCHANGE_MAX_AGE: '1d' },
      { exchangeReach: { backlogCapSeconds: 0, overlapSeconds: 1200, longestAgeSeconds: 86_400 } },
    ],
    [{}, { exchangeReach: { backlogCapSeconds: 86_400, overlapSeconds: 600, longestAgeSeconds: 259_200 } }],
    [{ HOST: '::1' }, { isLoopback: true }],
    [
      { HOST: '0.0.0.0', TOCSIN_TOKEN: '0123456789abcdef' },
      { host: '0.0.0.0', isLoopback: false },
    ],
    [{ TOCSIN_ZONE: 'Pacific/Auckland' }, { zone: 'Pacific/Auckland' }],
    [
      { CORS_ORIGINS: 'https://karma.example.com, http://localhost:8080' },
      { CORS_ORIGINS: ['https://karma.example.com', 'http://localhost:8080'] },
    ],
    [{ ALERTMANAGER_LABEL_NAMES: 'classic' }, { ALERTMANAGER_LABEL_NAMES: 'classic' }],
    [{ ...slack, SLACK_SIGNING_SECRET: 'old, new' }, { SLACK_SIGNING_SECRET: ['old', 'new'] }],
    [
      { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_CHANNEL: 'C1', SLACK_APP_TOKEN: 'xapp-1' },
      { SLACK_APP_TOKEN: 'xapp-1' },
    ],
    [
      { FLAPJACK_REDIS_URL: 'redis://f:6380/2', FLAPJACK_QUEUE: 'storm', FLAPJACK_ARCHIVE_HOURS: '0' },
      { FLAPJACK_REDIS_URL: 'redis://f:6380/2', FLAPJACK_QUEUE: 'storm', FLAPJACK_ARCHIVE_HOURS: 0 },
    ],
    [{ TEAMS_ANONYMOUS: '1' }, { TEAMS_ANONYMOUS: true }],
    [
      { TEAMS_APP_ID: teamsId, TEAMS_TENANT_ID: teamsId, TEAMS_APP_TYPE: 'UserAssignedMSI' },
      { TEAMS_APP_ID: teamsId },
    ],
    [{ TOCSIN_REOPEN_AFTER: '30m' }, { decisions: { reopenAfterSeconds: 1800 } }],
    [{ TOCSIN_FLAPPING: '4 in 1h' }, { decisions: { flapping: { changes: 4, windowSeconds: 3600 } } }],
    [{ TOCSIN_FLAPPING: 'off' }, { decisions: { flapping: null } }],
    [{ TOCSIN_SOURCE_QUOTA: '60000 in 1m' }, { TOCSIN_SOURCE_QUOTA: { events: 60_000, windowSeconds: 60 } }],
    [{ TOCSIN_SOURCE_QUOTA: 'off' }, { TOCSIN_SOURCE_QUOTA: null }],
    [{}, { decisions: { flapping: { changes: 6, windowSeconds: 600 } } }],
    [{ TOCSIN_REOPEN_AFTER: 'never' }, { decisions: { reopenAfterSeconds: null } }],
    [
      {
        TOCSIN_INITIAL_FAILURE_DELAY: '0s',
        TOCSIN_REPEAT_FAILURE_DELAY: '5m',
        TOCSIN_NEW_CHECK_MAINTENANCE: '36500 days',
        TOCSIN_NEW_CHECK_IGNORE_TAGS: 'bypass, urgent',
      },
      {
        decisions: {
          notification: {
            initialFailureDelaySeconds: 0,
            repeatFailureDelaySeconds: 300,
            newCheckMaintenanceSeconds: 36_500 * 86_400,
            newCheckMaintenanceIgnoreTags: ['bypass', 'urgent'],
          },
        },
      },
    ],
    [
      {
        TOCSIN_MEDIA_INTERVAL: '1h',
        TOCSIN_CONTACT_ZONE: 'Asia/Tokyo',
        TOCSIN_TELL_ONCE_PER_LINK: 'true',
      },
      {
        decisions: {
          routing: { defaultIntervalSeconds: 3600, defaultTimezone: 'Asia/Tokyo', tellOncePerLink: true },
        },
      },
    ],
    [
      { ELASTICSEARCH_URL: 'https://es-1:9200, https://es-2:9200', ELASTICSEARCH_API_KEY: 'aWQ6a2V5' },
      {
        ELASTICSEARCH_URL: ['https://es-1:9200', 'https://es-2:9200'],
        ELASTICSEARCH_API_KEY: 'aWQ6a2V5',
      },
    ],
    [{ DATABASE_URL: 'postgresql://u:p@db/tocsin' }, { DATABASE_URL: 'postgresql://u:p@db/tocsin' }],
  ])('%j', (variables, settings) => {
    expect(parseEnvironment(variables)).toMatchObject(settings)
  })
})

describe('what is wrong is named, with what was found and what is expected', () => {
  test.each<[string, string, string]>([
    ['PORT', 'http', 'found "http", expected a port number between 1 and 65535.'],
    ['FLAPJACK_API_PORT', 'on', 'found "on", expected a port number between 1 and 65535.'],
    ['PORT', '0', 'found "0", expected a port number between 1 and 65535.'],
    ['PORT', '70000', 'found "70000", expected a port number between 1 and 65535.'],
    [
      'PUBLIC_URL',
      'alerts.example.com',
      'found 18 characters, expected a URL such as https://alerts.example.com.',
    ],
    ...[
      '*',
      'null',
      'karma.example.com',
      'https://karma.example.com/',
      'file:///x',
      'https://a.example, *',
    ].map((value): [string, string, string] => [
      'CORS_ORIGINS',
      value,
      `found "${value}", expected sites by scheme and host, such as https://karma.example.com, separated by commas; not *.`,
    ]),
    ['ALERTMANAGER_LABEL_NAMES', 'ascii', 'found "ascii", expected utf8 or classic.'],
    ['TOCSIN_TOKEN', 'hunter2', 'found 7 characters, expected at least 16 characters, best 32 random ones.'],
    ...['60000', '0 in 1m', '10 in 1d'].map((value): [string, string, string] => [
      'TOCSIN_SOURCE_QUOTA',
      value,
      `found "${value}", expected so many events in so much time, such as "60000 in 1m" (1 or more, in 1s to 1h), or off.`,
    ]),
    ['TOCSIN_ZONE', 'Berlin', 'found "Berlin", expected a time zone such as Europe/Berlin.'],
    ['TOCSIN_CONTACT_ZONE', 'Berlin', 'found "Berlin", expected a time zone such as Europe/Berlin.'],
    ['TOCSIN_REOPEN_AFTER', 'soon', 'found "soon", expected a length of time such as 30m, or never.'],
    [
      'TOCSIN_FLAPPING',
      '2 in 10m',
      'found "2 in 10m", expected so many changes in so much time, such as "6 in 10m" (3 to 20, in 1m to 1d), or off.',
    ],
    ['TOCSIN_INITIAL_FAILURE_DELAY', '-1', 'found "-1", expected a length of time such as 30s.'],
    [
      'TOCSIN_NEW_CHECK_MAINTENANCE',
      '999999d',
      'found "999999d", expected a length of time such as 2h, or off.',
    ],
    ['TOCSIN_MEDIA_INTERVAL', '0s', 'found "0s", expected a length of time such as 15m, longer than 0.'],
    ['LOG_LEVEL', 'loud', 'found "loud", expected debug, info, warn or error.'],
    [
      'DATABASE_URL',
      'mysql://root:hunter2@db/x',
      'found 25 characters, expected a URL such as postgres://user:password@host:5432/tocsin.',
    ],
    ['REDIS_URL', 'localhost:6379', 'found 14 characters, expected a URL such as redis://host:6379.'],
    ['FLAPJACK_REDIS_URL', 'redis', 'found 5 characters, expected a URL such as redis://host:6379/0.'],
    [
      'FLAPJACK_QUEUE',
      ' events',
      'found " events", expected the name of a Redis list, without spaces around it.',
    ],
    ['FLAPJACK_ARCHIVE_HOURS', '3h', 'found "3h", expected whole hours, or 0 to keep no archive.'],
    [
      'ELASTICSEARCH_URL',
      'https://es-1:9200, elastic:hunter2@es-2',
      'found 39 characters, expected the URLs of one or more nodes, such as https://name:password@es-1:9200, separated by commas.',
    ],
    [
      'CLICKHOUSE_URL',
      'clickhouse://x',
      'found 14 characters, expected a URL such as http://user:password@host:8123.',
    ],
    [
      'SLACK_BOT_TOKEN',
      'xoxp-hunter2',
      'found 12 characters, expected a bot token, which begins with xoxb-.',
    ],
    [
      'SLACK_APP_TOKEN',
      'xoxb-hunter2',
      'found 12 characters, expected an app-level token, which begins with xapp-.',
    ],
    ['SLACK_SIGNING_SECRET', ' , ', 'found 3 characters, expected one or more, separated by commas.'],
    ['SLACK_RESPONDERS', ',', 'found ",", expected one or more, separated by commas.'],
    ['TEAMS_APP_ID', 'tocsin', 'found "tocsin", expected the bot\'s application id, a UUID.'],
    ['TEAMS_APP_TYPE', 'Single', 'found "Single", expected SingleTenant, UserAssignedMSI or MultiTenant.'],
    ['TEAMS_TENANT_ID', 'contoso', 'found "contoso", expected the Entra tenant id, a UUID.'],
    ['TEAMS_ANONYMOUS', 'yes', 'found "yes", expected true or false.'],
    ['DISCORD_CHANNEL_ID', '#alerts', 'found "#alerts", expected a channel id, which is all digits.'],
    ['DISCORD_GUILD_ID', 'ours', 'found "ours", expected a server id, which is all digits.'],
  ])('%s=%s', (name, value, complaint) => {
    expect(complaints({ [name]: value })).toEqual([`${name}: ${complaint}`])
  })

  test('all of them at once, and never a secret', () => {
    const lines = complaints({ PORT: 'x', TOCSIN_TOKEN: 'hunter2', DATABASE_URL: 'http://u:hunter2@db' })
    expect(lines.map((line) => line.split(':')[0])).toEqual(['PORT', 'TOCSIN_TOKEN', 'DATABASE_URL'])
    expect(lines.join()).not.toContain('hunter2')
  })
})

describe('variables that only make sense together', () => {
  test.each<[Variables, string[]]>([
    [{ SLACK_BOT_TOKEN: 'xoxb-1' }, ['SLACK_CHANNEL', 'SLACK_SIGNING_SECRET']],
    [{ SLACK_BOT_TOKEN: 'xoxb-1', SLACK_CHANNEL: 'C1' }, ['SLACK_SIGNING_SECRET']],
    [{ SLACK_APP_TOKEN: 'xapp-1' }, ['SLACK_BOT_TOKEN']],
    [{ SLACK_SIGNING_SECRET: 's' }, ['SLACK_BOT_TOKEN']],
    [{ TEAMS_APP_ID: teamsId }, ['TEAMS_TENANT_ID', 'TEAMS_SECRET']],
    [{ DISCORD_TOKEN: 'x' }, ['DISCORD_CHANNEL_ID']],
    [{ DISCORD_CHANNEL_ID: '123456' }, ['DISCORD_TOKEN']],
    [{ CLICKHOUSE_DATABASE: 'otel' }, ['CLICKHOUSE_URL']],
    [{ ELASTICSEARCH_API_KEY: 'aWQ6a2V5' }, ['ELASTICSEARCH_URL']],
    [{ TOCSIN_KUBERNETES_CONTEXT: 'live' }, ['TOCSIN_KUBERNETES']],
    [{ ELASTICSEARCH_CA_FILE: 'ca.pem' }, ['ELASTICSEARCH_URL']],
    [{ FLAPJACK_QUEUE: 'events' }, ['FLAPJACK_REDIS_URL']],
    [{ FLAPJACK_ARCHIVE_HOURS: '3' }, ['FLAPJACK_REDIS_URL']],
    [{ HOST: '0.0.0.0' }, ['TOCSIN_TOKEN']],
    [{ HOST: '192.168.1.7', TOCSIN_TOKEN: '' }, ['TOCSIN_TOKEN']],
  ])('%j lacks %j', (variables, missing) => {
    const lines = complaints(variables)
    expect(lines.map((line) => line.split(':')[0])).toEqual(missing)
    for (const line of lines) expect(line).toMatch(/: not set, but [A-Z_]+ is.*\.$/)
  })

  test('two ways to say who we are to Elasticsearch are one too many', () => {
    const variables = { ELASTICSEARCH_URL: 'https://ana:hunter2@es:9200', ELASTICSEARCH_API_KEY: 'aWQ6a2V5' }
    expect(complaints(variables)).toEqual([
      'ELASTICSEARCH_API_KEY: set, but ELASTICSEARCH_URL holds a name and a password too: keep one of the two.',
    ])
  })
})
