import type { Some } from './dice.ts'
import { faultScript } from './fault-script.ts'
import type { Fault, FaultCalendar } from './faults.ts'
import type { Route, Service } from './service.ts'
import { services } from './shop.ts'

/** Everything the demo's numbers follow from; the only thing that changes between two runs is when they started. */
export interface World extends FaultCalendar {
  readonly environment: string
  readonly services: readonly Service[]
  readonly journeys: readonly Journey[]
}

/** A business process that walks from route to route under one correlation id, and ends where it fails. */
export interface Journey {
  readonly name: string
  readonly perSecond: number
  readonly stops: Some<Stop>
  /** The path at the gateway where customers begin it; without one nobody outside does. */
  readonly entry?: string
}

export interface Stop {
  readonly service: Service
  readonly route: Route
}

export function buildWorld(startedAt: number, faults: readonly Fault[] = faultScript): World {
  return { environment: 'prod', services, journeys, startedAt, faults }
}

const journeys: readonly Journey[] = [
  {
    name: 'checkout',
    entry: '/checkout',
    perSecond: 3,
    stops: [
      stop('orders-service', 'place-order'),
      stop('payment-service', 'authorize-card'),
      stop('inventory-service', 'reserve-stock'),
      stop('orders-service', 'confirm-order'),
      stop('notification-service', 'send-email'),
    ],
  },
  {
    name: 'fulfilment',
    perSecond: 1.6,
    stops: [
      stop('shipping-service', 'book-shipment'),
      stop('shipping-service', 'print-label'),
      stop('payment-service', 'capture-payment'),
      stop('notification-service', 'send-push'),
    ],
  },
  {
    name: 'cancellation',
    entry: '/orders/cancel',
    perSecond: 0.15,
    stops: [
      stop('orders-service', 'cancel-order'),
      stop('payment-service', 'refund-payment'),
      stop('inventory-service', 'release-stock'),
      stop('notification-service', 'send-email'),
    ],
  },
  { name: 'browsing', perSecond: 7, stops: [stop('inventory-service', 'check-availability')] },
  { name: 'waiting', entry: '/orders/status', perSecond: 3, stops: [stop('orders-service', 'order-status')] },
  { name: 'tracking', entry: '/parcels', perSecond: 2, stops: [stop('shipping-service', 'track-parcel')] },
  { name: 'stocktaking', perSecond: 0.2, stops: [stop('inventory-service', 'sync-warehouse')] },
]

function stop(app: string, routeName: string): Stop {
  const service = services.find(({ name }) => name === app)
  const route = service?.routes.find(({ name }) => name === routeName)
  if (!service || !route)
    throw new Error(`A demo journey stops at ${app}/${routeName}, which shop.ts does not have.`)
  return { service, route }
}

/** Traffic of an instant against the average: more in the afternoon than at night, and a swell every few minutes. */
export function rhythm(at: number): number {
  const day = Math.sin((2 * Math.PI * (at / 3_600_000 - 9)) / 24)
  const swell = Math.sin((2 * Math.PI * at) / 240_000)
  return 1 + 0.1 * day + 0.04 * swell
}
