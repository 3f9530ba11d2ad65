import type { Tellable } from '#engine/message/subject.ts'

/**
 * The id of a first message that is perhaps not the first: who keeps the first one of each id and drops the others would else not
 * hear that somebody came meanwhile, or that it is over.
 */
export function standingId(deliveryId: string, { subject }: Tellable): string {
  return !subject || subject.status === 'firing' ? deliveryId : `${deliveryId}/${subject.status}`
}
