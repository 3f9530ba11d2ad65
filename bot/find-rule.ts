import { firstEnvironment } from '#db/repositories/environments.ts'
import { listWatchedRules } from '#db/repositories/rules.ts'
import { shortId } from '#engine/view/short-id.ts'
import type { WatchedRule } from '#engine/view/rule-list.ts'
import type { Desk } from './desk.ts'

/** By its name, or the beginning of its id. */
export async function findMeantRule({ db }: Desk, text: string): Promise<WatchedRule | { because: string }> {
  const wanted = text.trim().toLowerCase()
  const known = await listWatchedRules(db, firstEnvironment.slug)
  const byName = known.filter(({ rule }) => rule.name.toLowerCase() === wanted)
  const meant =
    byName.length > 0 ? byName : known.filter(({ rule }) => wanted.length >= 4 && rule.id.startsWith(wanted))
  const [watched, another] = meant
  if (!watched) return { because: `There is no rule "${text.slice(0, 80)}". See rule list.` }
  if (!another) return watched
  const ids = meant.slice(0, 5).map(({ rule }) => shortId(rule.id))
  return { because: `${meant.length} rules are called so. Say which by its id: ${ids.join(', ')}.` }
}
