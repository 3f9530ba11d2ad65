import type { FastifyInstance } from 'fastify'
import type { Desk } from '#bot/desk.ts'
import { NotFound, quoteNames } from '#db/errors.ts'
import { type ContactRecord, listContacts } from '#db/repositories/contact-directory.ts'
import { changeMedia, deleteMedia, type MediumPlace, putMedia } from '#db/repositories/contact-media.ts'
import { mediaTypes } from '#engine/directory/media-types.ts'
import {
  addressProblem,
  type MediumDraft,
  readMedium,
  readMediumChange,
} from '#engine/directory/medium-draft.ts'
import type { Reading } from '#engine/directory/reading.ts'
import { isObject } from '#engine/intake/json.ts'
import { mediumId, presentMedia } from '#engine/view/flapjack-directory.ts'
import {
  accepted,
  answer,
  answerCreated,
  idsAsked,
  idsIn,
  readPatch,
  readWrapped,
  Refused,
  type Whereabouts,
} from './answer.ts'
import type { Asked, Named } from './contacts.ts'

interface OfContact {
  readonly Params: { readonly contact: string }
}

const plural = 'media'

/** A medium's id is that of its contact and its type, with an underscore between. */
export function serveMedia(scope: FastifyInstance, { db, secrets }: Desk, at: Whereabouts): void {
  scope.post<OfContact>('/contacts/:contact/media', async (request, reply) => {
    const { contact } = request.params
    const drafts = readWrapped(request.body, plural, (value) => readOwn(value, contact), {
      status: 422,
      because: 'No valid media were submitted: send { "media": [ … ] }.',
    })
    try {
      await putMedia({ db, secrets }, contact, drafts)
    } catch (error) {
      if (!(error instanceof NotFound)) throw error
      throw new Refused(422, [`Contact id: ${quoteNames([contact])} could not be loaded: create it first.`])
    }
    const ids = drafts.map(({ type }) => mediumId(contact, type))
    return answerCreated(request, reply, { at, plural, ids })
  })
  for (const path of ['/media', '/media/:ids']) {
    scope.get<Asked>(path, async ({ params }, reply) => {
      const asked = idsAsked(params.ids)
      const contacts = await (asked ? listMedia(db, placesIn(asked)) : listContacts(db))
      return answer(reply, {
        media: contacts.flatMap(presentMedia).filter(({ id }) => asked?.includes(id) ?? true),
      })
    })
  }
  scope.patch<Named>('/media/:ids', async ({ params, body }, reply) => {
    const change = accepted(readMediumChange(readPatch(body, plural).replaced))
    const places = placesIn(idsIn(params.ids))
    const problems = places.flatMap(({ type }) => addressProblem(type, change.address) ?? [])
    if (problems.length > 0) throw new Refused(422, problems)
    await changeMedia({ db, secrets }, places, change)
    return reply.code(204).send()
  })
  scope.delete<Named>('/media/:ids', async ({ params }, reply) => {
    await deleteMedia(db, placesIn(idsIn(params.ids)))
    return reply.code(204).send()
  })
}

/** The contacts whose media were asked for; each must be there. */
async function listMedia(db: Desk['db'], places: readonly MediumPlace[]): Promise<ContactRecord[]> {
  const ids = [...new Set(places.map(({ contactId }) => contactId))]
  const contacts = await listContacts(db, { ids })
  const found = new Set(contacts.map(({ id }) => id))
  const missing = ids.filter((id) => !found.has(id))
  if (missing.length > 0) throw new NotFound(`contact ${quoteNames(missing)}`)
  return contacts
}

/** An id may be given, as long as it is the one it will have. */
function readOwn(value: unknown, contactId: string): Reading<MediumDraft> {
  const reading = readMedium(value)
  if (reading.kind === 'refused' || !isObject(value)) return reading
  const { id = null } = value
  const expected = mediumId(contactId, reading.value.type)
  if (id === null || id === expected) return reading
  const problem = `Media creation cannot include non-conformant IDs: leave it out, or say ${expected}.`
  return { kind: 'refused', problems: [{ field: 'id', problem }] }
}

/** The longest type first: `_sms_twilio` ends with none of the others. */
const types = [...mediaTypes].sort((one, other) => other.length - one.length)

function placesIn(ids: readonly string[]): MediumPlace[] {
  return ids.map((id) => {
    const type = types.find((known) => id.endsWith(`_${known}`))
    const contactId = type === undefined ? '' : id.slice(0, -type.length - 1)
    if (type !== undefined && contactId !== '') return { contactId, type }
    throw new Refused(422, [
      `Could not get contact and media type from media id ${quoteNames([id])}: it looks like 21_email.`,
    ])
  })
}
