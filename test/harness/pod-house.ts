import type { V1Pod } from '@kubernetes/client-node'
import { plainMessage } from '#engine/message/plain.ts'
import type { Rule } from '#engine/rule/rule.ts'
import { clusterOf } from '#workers/telemetry/kubernetes/cluster-of.ts'
import { type KubernetesTelemetry, kubernetesTelemetry } from '#workers/telemetry/kubernetes/pods.ts'
import { type FakeKubernetes, fakeKubernetes } from './fake-kubernetes.ts'
import { podsToBeKnown } from './known-pods.ts'
import { before } from './kubernetes-objects.ts'
import { messageAbout } from './local-chat.ts'
import { noTelemetry } from './no-telemetry.ts'
import { type House, startHouse } from './start-house.ts'

/** The house, and a cluster whose pods it watches. */
export class PodHouse {
  readonly fake: FakeKubernetes
  readonly kubernetes: KubernetesTelemetry
  house: House

  private constructor(fake: FakeKubernetes, kubernetes: KubernetesTelemetry, house: House) {
    this.fake = fake
    this.kubernetes = kubernetes
    this.house = house
  }

  static async open(): Promise<PodHouse> {
    const fake = await fakeKubernetes()
    const start = new Date(Math.floor(Date.now() / 1000) * 1000)
    let opened: PodHouse | undefined
    const kubernetes = kubernetesTelemetry(clusterOf(fake.config()), {
      clock: () => opened?.house.clock.now() ?? start,
      pace: { retryMs: 10, longestRetryMs: 50 },
    })
    const house = await startHouse({ start, stores: { clickhouse: noTelemetry, kubernetes } })
    opened = new PodHouse(fake, kubernetes, house)
    return opened
  }

  rule(
    parts: Readonly<Record<string, unknown>> = {},
    condition: Readonly<Record<string, unknown>> = {},
  ): Promise<Rule> {
    return this.house.rule({
      name: 'Pods fail',
      conditionKind: 'POD_FAILURE',
      condition: { kind: 'POD_FAILURE', namespaces: ['shop'], ...condition },
      ...parts,
    })
  }

  ago(minutes: number): Date {
    return before(this.house.clock.now(), minutes)
  }

  /** The cluster as it is then is known, and after that the rules are looked at. */
  async lookAfter(duration: string, ...pods: readonly V1Pod[]): Promise<void> {
    this.house.clock.forward(duration)
    this.fake.put(...pods)
    await podsToBeKnown(pods, { kubernetes: this.kubernetes, at: this.house.clock.now(), amongOthers: true })
    await this.look()
  }

  async look(): Promise<void> {
    await this.house.look()
  }

  async text(number: number): Promise<string> {
    const row = await messageAbout(this.house, number)
    return row ? plainMessage(row.message) : ''
  }

  async tone(number: number): Promise<string | undefined> {
    return (await messageAbout(this.house, number))?.message.tone
  }

  /** Every process ends and begins again; what was seen of the cluster is forgotten. */
  async restart(): Promise<void> {
    this.kubernetes.close()
    this.house = await this.house.restart()
  }

  async close(): Promise<void> {
    this.kubernetes.close()
    await this.house.close()
    await this.fake.close()
  }
}
