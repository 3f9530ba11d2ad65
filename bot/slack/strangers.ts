import { AuthorizationError, type webApi } from '@slack/bolt'
import { stranger } from '#engine/audit.ts'
import type { Reception } from './reception.ts'
import { strangersAreRefused } from './refusal.ts'
import { whisperTo } from './tell.ts'

/** Bolt answers a request of another workspace with an empty 200; whoever clicked should hear why nothing happens. */
export function refuseForeignRequest(
  { log, front }: Pick<Reception, 'log' | 'front'>,
  fetch: webApi.FetchFunction,
) {
  return async ({ error, body }: { error: Error; body: object }): Promise<void> => {
    if (!(error instanceof AuthorizationError)) {
      log.error({ err: error }, 'a request from Slack failed outside of every listener')
      return
    }
    log.warn({ because: error.message }, 'refused a request of another workspace')
    front.noteRefusal({
      door: 'slack',
      actor: stranger(whoIn(body)),
      what: 'a request from another workspace',
      because: error.message,
    })
    const responseUrl = 'response_url' in body ? body.response_url : undefined
    if (typeof responseUrl !== 'string') return
    await whisperTo(
      responseUrl,
      fetch,
    )(strangersAreRefused).catch((cause: unknown) => {
      log.warn({ err: cause }, 'could not tell somebody of another workspace why nothing happened')
    })
  }
}

/** Requests that no listener sees have different shapes; whatever they say of who it was helps. */
function whoIn(body: object): string {
  const { user, user_id: userId, team, team_id: teamId } = body as Readonly<Record<string, unknown>>
  const [person, workspace] = [idOf(user) ?? idOf(userId), idOf(team) ?? idOf(teamId)]
  return `${person ?? 'somebody'} of ${workspace ?? 'no workspace'}`
}

function idOf(said: unknown): string | undefined {
  if (typeof said === 'string') return said
  if (typeof said !== 'object' || said === null || !('id' in said)) return undefined
  return typeof said.id === 'string' ? said.id : undefined
}
