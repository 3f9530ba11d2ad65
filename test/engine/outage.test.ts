import { describe, expect, test } from 'vitest'
import { isSilenceMeaningful, type Pulse } from '#engine/outage.ts'
import { after } from '#test/harness/engine-things.ts'

const pulse = (beat: number, back: number | null = null): Pulse => ({
  beatAt: after(beat),
  backAt: back === null ? null : after(back),
})

describe('what is not said again is over', () => {
  test.each<[string, Pulse | undefined, number, boolean]>([
    ['where doors have never been noted', undefined, 0, true],
    ['while a door is open', pulse(0), 15, true],
    ['through a restart', pulse(0), 120, true],
    ['but not while no door is open', pulse(0), 121, false],
    ['nor just after they opened again', pulse(1015, 1000), 1020, false],
    ['nor until whoever speaks each minute must have been heard', pulse(1290, 1000), 1299.999, false],
    ['then it is', pulse(1290, 1000), 1300, true],
    ['also after our clock was set back', pulse(4000, 3900), 400, true],
  ])('%s', (_when, known, second, expected) => {
    expect(isSilenceMeaningful(known, after(second))).toBe(expected)
  })
})
