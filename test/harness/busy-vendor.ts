import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** What `delivering-process.ts` says. */
export interface Heard {
  readonly kind: string
  readonly id: string
  readonly incident: string
  readonly said: string
}

export interface BusyVendor {
  readonly url: string
  /** What it took, whether or not anybody heard its answer. */
  readonly heard: readonly Heard[]
  /** Resolves with its call number `count` from now. */
  readonly afterCalls: (count: number) => Promise<void>
  readonly close: () => Promise<unknown>
}

interface Manners {
  /** It takes its time, so that it can be interrupted. */
  readonly takesMs?: number
  /** Of its calls, counted from 1. */
  readonly isBusy?: (call: number) => boolean
  /** It takes it and says nothing. */
  readonly isMute?: (heard: Heard) => boolean
}

const never = () => false

export async function openBusyVendor({
  takesMs = 0,
  isBusy = never,
  isMute = never,
}: Manners): Promise<BusyVendor> {
  const heard: Heard[] = []
  let calls = 0
  let onCall: (call: number) => void = () => undefined
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      calls += 1
      onCall(calls)
      const isRefused = isBusy(calls)
      const said = JSON.parse(body) as Heard
      if (!isRefused) heard.push(said)
      if (!isMute(said)) setTimeout(() => response.writeHead(isRefused ? 503 : 200).end(), takesMs)
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    heard,
    afterCalls: (count) => {
      const at = calls + count
      return new Promise<void>((resolve) => (onCall = (call) => void (call >= at && resolve())))
    },
    close: () => {
      server.closeAllConnections()
      return new Promise((closed) => server.close(closed))
    },
  }
}
