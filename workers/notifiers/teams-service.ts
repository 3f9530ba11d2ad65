import { DeliveryError } from './notifier.ts'

/**
 * The Connector's hosts: the public cloud and the US government's three. Whole names only: anyone can register
 * another name under trafficmanager.net, and our token goes wherever this says.
 */
const hosts: ReadonlySet<string> = new Set([
  'smba.trafficmanager.net',
  'smba.infra.gcc.teams.microsoft.com',
  'smba.infra.gov.teams.microsoft.us',
  'smba.infra.dod.teams.microsoft.us',
])

/** A service URL was written down when Teams told it to us, and is checked again before a token is sent to it. */
export function checkedService(serviceUrl: string, alsoAllowed: (url: URL) => boolean): string {
  const url = URL.parse(serviceUrl)
  if (url && !url.username && !url.password) {
    if (url.protocol === 'https:' && !url.port && hosts.has(url.hostname)) return url.href.replace(/\/$/, '')
    if (alsoAllowed(url)) return url.href.replace(/\/$/, '')
  }
  throw new DeliveryError(
    `"${url?.host ?? 'no address'}" is not a Bot Connector of Teams, so nothing is sent there. ` +
      'Remove the app from the conversation and install it again.',
    { retry: 'never' },
  )
}

export function isLoopback(url: URL): boolean {
  return url.hostname === 'localhost' || url.hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(url.hostname)
}
