import type { IncomingMessage } from 'node:http'

/** A proxy on this machine makes everyone's requests come from this machine; its headers give it away. */
export function isFromThisMachine({ socket, headers }: IncomingMessage): boolean {
  const isForwarded = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'].some((name) => name in headers)
  return !isForwarded && isLoopback(socket.remoteAddress ?? '')
}

export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|::ffff:127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host)
}
