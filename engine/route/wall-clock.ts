import { IANAZone } from 'luxon'
import type { EpochSeconds } from '#engine/epoch-seconds.ts'

/** What a clock on the wall shows, counted as if the wall were in UTC: `new Date(wall * 1000)` with its UTC getters. */
export type WallSeconds = number

export const secondsPerDay = 86_400
const secondsPerHour = 3600

/** A zone, with the offsets of the hours asked lately kept: they are asked again and again. */
export interface Zone {
  readonly name: string
  readonly offsetAt: (instant: EpochSeconds) => number
}

/** undefined when there is no such zone. */
export function openZone(name: string): Zone | undefined {
  if (!IANAZone.isValidZone(name)) return undefined
  const zone = IANAZone.create(name)
  const known = new Map<number, number>()
  const offsetAt = (instant: EpochSeconds) => {
    // Offsets change at full quarters of an hour.
    const quarter = Math.floor(instant / 900)
    const remembered = known.get(quarter)
    if (remembered !== undefined) return remembered
    const offset = Math.round(zone.offset(quarter * 900_000) * 60)
    if (known.size >= 1000) known.clear()
    known.set(quarter, offset)
    return offset
  }
  return { name, offsetAt }
}

export function toWall(zone: Zone, instant: EpochSeconds): WallSeconds {
  return instant + zone.offsetAt(instant)
}

/**
 * The instants at which the wall shows this: one; two in the hour that daylight saving repeats; and for the hour it
 * skips, the instant one hour later on the wall.
 */
export function toInstants(zone: Zone, wall: WallSeconds): readonly EpochSeconds[] {
  const before = wall - zone.offsetAt(wall - secondsPerDay)
  const after = wall - zone.offsetAt(wall + secondsPerDay)
  const found = before === after ? [before] : [before, after]
  const exact = found.filter((instant) => toWall(zone, instant) === wall)
  if (exact.length > 0 || found.length === 1) return exact.length > 0 ? exact : found
  const shifted = wall + secondsPerHour
  return [
    shifted - zone.offsetAt(wall - secondsPerDay),
    shifted - zone.offsetAt(wall + secondsPerDay),
  ].filter((instant) => toWall(zone, instant) === shifted)
}

const dateAndTime =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?$/i

/** `2014-01-15 08:00:00`, with or without an offset; without one it is the wall clock of the zone. */
export function parseInstant(text: string, zone: Zone): EpochSeconds | undefined {
  const [, year, month, day, hour, minute, second, offset] = dateAndTime.exec(text.trim()) ?? []
  if (year === undefined) return undefined
  const parts = [year, month, day, hour, minute, second].map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const wall = wallOf(parts)
  if (wall === undefined) return undefined
  return offset === undefined ? toInstants(zone, wall)[0] : wall - offsetSeconds(offset)
}

function wallOf([year, month, day, hour, minute, second]: [number, number, number, number, number, number]):
  | WallSeconds
  | undefined {
  const wall = Date.UTC(year, month - 1, day, hour, minute, second) / 1000
  const date = new Date(wall * 1000)
  const isReal =
    date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 60
  return isReal && year >= 1 ? wall : undefined
}

function offsetSeconds(offset: string): number {
  const digits = /^([+-])(\d{2}):?(\d{2})$/.exec(offset)
  if (!digits) return 0
  const seconds = Number(digits[2]) * secondsPerHour + Number(digits[3]) * 60
  return digits[1] === '-' ? -seconds : seconds
}
