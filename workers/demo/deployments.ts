import { findFault } from './faults.ts'
import { type DeploymentRow, stamp } from './rows.ts'
import type { Service } from './service.ts'
import { type Span, wholeSeconds } from './span.ts'
import type { World } from './world.ts'

const releaseEverySeconds = 3600
export const startingSeconds = 20
const degradedUntilSecond = 50

/**
 * One row whenever a deployment's state or version changed, and one when the demo starts: an earlier run may have ended
 * in the middle of a failed release.
 */
export function observeDeployments(world: World, span: Span): DeploymentRow[] {
  const firstSecond = Math.ceil(world.startedAt / 1000)
  return world.services.flatMap((service) => {
    const lookAt = (second: number) => deploymentAt(world, service, second)
    return [...wholeSeconds(span)]
      .filter((second) => second === firstSecond || differs(lookAt(second), lookAt(second - 1)))
      .map((second) => ({
        environment: world.environment,
        app: service.name,
        deployment: service.name,
        state: lookAt(second).state,
        version: versionOf(lookAt(second).releasedAtSecond),
        ts: stamp(second * 1000),
      }))
  })
}

interface Standing {
  readonly state: DeploymentRow['state']
  readonly releasedAtSecond: number
}

function differs(one: Standing, other: Standing): boolean {
  return one.state !== other.state || one.releasedAtSecond !== other.releasedAtSecond
}

function deploymentAt(world: World, service: Service, second: number): Standing {
  const failed = findFault(world, { kind: 'failed-deployment', app: service.name, at: second * 1000 })
  if (failed) {
    return {
      releasedAtSecond: second - Math.floor(failed.ageSeconds),
      state: failingState(failed.ageSeconds),
    }
  }
  const releasedAtSecond = releaseBefore(world, service, second)
  return { releasedAtSecond, state: second - releasedAtSecond < startingSeconds ? 'STARTING' : 'RUNNING' }
}

/** Every service is released once an hour, one after the other; a failed release ends in the version before it. */
export function releaseBefore({ services }: World, service: Service, second: number): number {
  const phase = (services.indexOf(service) * releaseEverySeconds) / services.length
  return second - ((second + phase) % releaseEverySeconds)
}

function failingState(ageSeconds: number): DeploymentRow['state'] {
  if (ageSeconds < startingSeconds) return 'STARTING'
  return ageSeconds < degradedUntilSecond ? 'DEGRADED' : 'FAILED'
}

/** A release is named by the minute it was made: `2026.11.21-0848`. */
function versionOf(second: number): string {
  const [day, time] = stamp(second * 1000).split('T')
  return `${day?.replaceAll('-', '.')}-${time?.slice(0, 5).replace(':', '')}`
}
