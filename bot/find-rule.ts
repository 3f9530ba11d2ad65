import { firstEnvironment } from '#db/repositories/environments.ts'
import { listRuleNames, listWatchedRules } from '#db/repositories/watched-rules.ts'
import { shortId } from '#engine/view/short-id.ts'
import type { WatchedRule } from '#engine/view/rule-list.ts'
import type { Desk } from './desk.ts'

/** By its name, or the beginning of its id. */
export async function findMeantRule({ db }: Desk, text: string): Promise<WatchedRule | { because: string }> {
  const wanted = text.trim().toLowerCase()
  const known = await listRuleNames(db, firstEnvironment.slug)
  const byName = known.filter(({ name }) => name.toLowerCase() === wanted)
  const meant =
    byName.length > 0 ? byName : known.filter(({ id }) => wanted.length >= 4 && id.startsWith(wanted))
  const [first, another] = meant
  const [watched] = first && !another ? await listWatchedRules(db, { ids: [first.id] }) : []
  if (watched) return watched
  if (!another) return { because: `There is no rule "${text.slice(0, 80)}". See rule list.` }
  const ids = meant.slice(0, 5).map(({ id }) => shortId(id))
  return { because: `${meant.length} rules are called so. Say which by its id: ${ids.join(', ')}.` }
}
