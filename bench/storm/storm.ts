import { alertmanager } from './alertmanager.ts'
import { type CaseName, caseNames, cases } from './cases.ts'
import { nothing } from './nothing.ts'
import { faultsOf, type Run, runCase } from './run-case.ts'
import type { Side } from './side.ts'
import { type Played, toTable } from './table.ts'
import { tocsin } from './tocsin.ts'

export const stormParts = caseNames

export interface StormWish {
  readonly runs?: string
  readonly side?: string
}

const sidesByWish: Readonly<Record<string, readonly Side[]>> = {
  tocsin: [tocsin],
  alertmanager: [alertmanager],
  both: [alertmanager, tocsin],
  null: [nothing],
}

/** A run that loses something is in the table, and makes the bench fail. */
export async function storm(only: readonly string[], wish: StormWish): Promise<string> {
  const { sides, times } = readWish(wish)
  const names = await Promise.all(sides.map((side) => side.name()))
  const played: Played[] = []
  for (const name of caseNames.filter((name) => only.includes(name))) {
    const runs: Run[][] = sides.map(() => [])
    // Turn about, so that what else the machine does meets both.
    for (let time = 1; time <= times; time++) {
      for (const [index, side] of sides.entries()) {
        console.error(`Playing ${name} on ${names[index]}, ${time} of ${times} …`)
        runs[index]?.push(await playOnce(side, name))
      }
    }
    played.push({ name, runs })
  }
  return toTable(names, played)
}

async function playOnce(side: Side, name: CaseName): Promise<Run> {
  const run = await runCase(side, cases[name])
  for (const fault of faultsOf(run)) {
    console.error(`FAILED: ${fault}.`)
    process.exitCode = 1
  }
  return run
}

function readWish({ runs = '1', side = 'both' }: StormWish): {
  readonly sides: readonly Side[]
  readonly times: number
} {
  const sides = Object.hasOwn(sidesByWish, side) ? sidesByWish[side] : undefined
  if (!sides)
    throw new Error(`--side is "${side}", but must be one of ${Object.keys(sidesByWish).join(', ')}.`)
  if (!/^[1-9]\d?$/.test(runs)) throw new Error(`--runs is "${runs}", but must be a number from 1 to 99.`)
  return { sides, times: Number(runs) }
}
