import { lookup as systemLookup, type LookupAddress } from 'node:dns'
import { connect as connectSocket, type LookupFunction, type Socket } from 'node:net'
import { readAddress } from '#engine/egress/address.ts'
import { type EgressRules, refusalText, refusesHost } from '#engine/egress/egress-rules.ts'

/** The address is inside the house's own network, and nobody allowed it. */
export class EgressRefused extends Error {
  override readonly name = 'EgressRefused'

  constructor(host: string) {
    super(refusalText(host))
  }
}

/** All addresses of a name, as the system resolves it. */
export type Resolve = (
  hostname: string,
  done: (error: Error | null, addresses: LookupAddress[]) => void,
) => void

export const systemResolve: Resolve = (hostname, done) =>
  systemLookup(hostname, { all: true }, (error, addresses) => done(error, addresses))

/**
 * For sockets: a name that leads to a single address inside is refused as a whole, because whoever answers for it may answer
 * otherwise the next time. Where somebody allowed one of its addresses, only such are used.
 */
export function guardedLookup(rules: EgressRules, resolve: Resolve): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, (error, addresses) => {
      if (error) return callback(error, '')
      const allowed = addresses.filter(({ address }) => rules.allows(address))
      const usable = allowed.length > 0 ? allowed : addresses
      const [first] = usable
      if (!first || usable.some(({ address }) => rules.refuses(address)))
        return callback(new EgressRefused(hostname), '')
      if (options.all) callback(null, usable)
      else callback(null, first.address, first.family)
    })
  }
}

/** What is known before anybody is asked; a literal address is never looked up. */
export function refusedHost(rules: EgressRules, hostname: string): EgressRefused | undefined {
  return refusesHost(rules, hostname) ? new EgressRefused(hostname) : undefined
}

/** The address it really is connected to. */
export function refusedPeer(rules: EgressRules, socket: Socket, hostname: string): EgressRefused | undefined {
  const { remoteAddress } = socket
  return remoteAddress !== undefined && !rules.refuses(remoteAddress)
    ? undefined
    : new EgressRefused(hostname)
}

/** A bare socket, for what is not HTTP. */
export function guardedSocket(
  house: { readonly rules: EgressRules; readonly resolve: Resolve },
  { host, port, timeoutMs }: { readonly host: string; readonly port: number; readonly timeoutMs: number },
): Promise<Socket> {
  const { resolve } = house
  const rules = house.rules.at(host, port)
  return new Promise((connected, failed) => {
    const refused = refusedHost(rules, host)
    if (refused) return failed(refused)
    const socket = connectSocket({ host: hostOf(host), port, lookup: guardedLookup(rules, resolve) })
    const fail = (error: Error) => {
      socket.destroy()
      failed(error)
    }
    const late = setTimeout(
      () => fail(new Error(`${host} did not answer within ${timeoutMs / 1000} s`)),
      timeoutMs,
    )
    socket.once('error', fail).once('connect', () => {
      clearTimeout(late)
      const refusedNow = refusedPeer(rules, socket, host)
      if (refusedNow) return fail(refusedNow)
      socket.off('error', fail)
      connected(socket)
    })
    socket.once('close', () => clearTimeout(late))
  })
}

function hostOf(host: string): string {
  return readAddress(host) ? host.replace(/^\[|\]$/g, '') : host
}
