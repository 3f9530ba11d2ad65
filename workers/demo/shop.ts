import type { Some } from './dice.ts'
import type { Mishap, Murmur, Service } from './service.ts'

const refuses = (error: string): Mishap => ({ error, level: 'WARN' })
const breaks = (error: string): Mishap => ({ error, level: 'ERROR' })

const pool: Murmur = {
  level: 'DEBUG',
  logger: 'com.zaxxer.hikari.pool.HikariPool',
  message: 'HikariPool-1 - Pool stats (total=10, active=2, idle=8, waiting=0)',
}
const flags: Murmur = {
  level: 'TRACE',
  logger: 'shop.platform.FeatureFlags',
  message: 'Flags unchanged since last poll (etag W/"5f1c")',
}
const readiness: Murmur = {
  level: 'INFO',
  logger: 'shop.platform.Readiness',
  message: 'Readiness probe answered UP in 3 ms',
}

function agentsOf(app: string, count: 2 | 3): Some<string> {
  return count === 2 ? [`${app}-1`, `${app}-2`] : [`${app}-1`, `${app}-2`, `${app}-3`]
}

const orders: Service = {
  name: 'orders-service',
  agents: agentsOf('orders-service', 3),
  murmurs: [
    pool,
    flags,
    readiness,
    {
      level: 'INFO',
      logger: 'shop.orders.OutboxRelay',
      message: 'Relayed 14 outbox events to topic orders.v2',
    },
  ],
  routes: [
    {
      name: 'place-order',
      medianMs: 85,
      p99Ms: 260,
      logger: 'shop.orders.OrderPlacement',
      says: [
        'Order {order} placed by customer {customer}',
        'Order {order}: basket of {customer} priced at {amount} EUR',
      ],
      mishapShare: 0.0015,
      mishaps: [
        refuses('BasketExpired: the basket was last touched more than 24 h ago'),
        breaks('OptimisticLockException: row was updated or deleted by another transaction (basket)'),
      ],
    },
    {
      name: 'confirm-order',
      medianMs: 24,
      p99Ms: 90,
      logger: 'shop.orders.OrderConfirmation',
      says: ['Order {order} confirmed, handing over to fulfilment'],
      mishapShare: 0.0005,
      mishaps: [breaks('IllegalStateException: order is CANCELLED, expected RESERVED')],
    },
    {
      name: 'order-status',
      medianMs: 16,
      p99Ms: 65,
      logger: 'shop.orders.OrderQueries',
      says: ['Status of order {order} read from replica 2'],
      mishapShare: 0.0008,
      mishaps: [refuses('OrderNotFound: no order with this number belongs to the customer')],
    },
    {
      name: 'cancel-order',
      medianMs: 60,
      p99Ms: 180,
      logger: 'shop.orders.OrderCancellation',
      says: ['Order {order} cancelled at the request of customer {customer}'],
      mishapShare: 0.003,
      mishaps: [refuses('AlreadyShipped: the parcel has left the warehouse')],
    },
  ],
}

const payments: Service = {
  name: 'payment-service',
  agents: agentsOf('payment-service', 3),
  murmurs: [
    pool,
    readiness,
    {
      level: 'INFO',
      logger: 'shop.payment.Reconciliation',
      message: 'Reconciled 212 captures with acquirer-eu-1, 0 differences',
    },
    {
      level: 'DEBUG',
      logger: 'shop.payment.TokenVault',
      message: 'Card token cache: 98.2 % hits over the last minute',
    },
  ],
  routes: [
    {
      name: 'authorize-card',
      medianMs: 140,
      p99Ms: 420,
      logger: 'shop.payment.CardAuthorizer',
      says: ['Card of customer {customer} authorized for {amount} EUR (order {order})'],
      mishapShare: 0.004,
      mishaps: [
        refuses('CardDeclined: insufficient funds'),
        refuses('CardDeclined: 3-D Secure challenge was abandoned'),
        refuses('CardExpired: the card is past its expiry date'),
      ],
    },
    {
      name: 'capture-payment',
      medianMs: 110,
      p99Ms: 350,
      logger: 'shop.payment.PaymentCapture',
      says: ['Captured {amount} EUR for order {order}'],
      mishapShare: 0.001,
      mishaps: [breaks('AcquirerException: capture refused, authorization is older than 7 days')],
    },
    {
      name: 'refund-payment',
      medianMs: 180,
      p99Ms: 500,
      logger: 'shop.payment.Refunds',
      says: ['Refunded {amount} EUR for order {order}'],
      mishapShare: 0.002,
      mishaps: [refuses('RefundRefused: the payment was charged back already')],
    },
  ],
}

const inventory: Service = {
  name: 'inventory-service',
  agents: agentsOf('inventory-service', 2),
  murmurs: [
    pool,
    flags,
    readiness,
    {
      level: 'INFO',
      logger: 'shop.inventory.StockSnapshot',
      message: 'Stock snapshot of 18,204 articles written in 412 ms',
    },
  ],
  routes: [
    {
      name: 'check-availability',
      medianMs: 8,
      p99Ms: 36,
      logger: 'shop.inventory.Availability',
      says: ['{sku}: 37 on hand, 4 reserved'],
      mishapShare: 0.0004,
      mishaps: [refuses('UnknownArticle: the article was delisted')],
    },
    {
      name: 'reserve-stock',
      medianMs: 28,
      p99Ms: 110,
      logger: 'shop.inventory.Reservations',
      says: ['Reserved {sku} for order {order}'],
      mishapShare: 0.002,
      mishaps: [refuses('OutOfStock: the last piece went to another order')],
    },
    {
      name: 'release-stock',
      medianMs: 22,
      p99Ms: 90,
      logger: 'shop.inventory.Reservations',
      says: ['Released {sku} reserved for order {order}'],
      mishapShare: 0.001,
      mishaps: [refuses('NothingReserved: the reservation had lapsed')],
    },
    {
      name: 'sync-warehouse',
      medianMs: 850,
      p99Ms: 2100,
      logger: 'shop.inventory.WarehouseSync',
      says: ['Warehouse Rotterdam synchronised, 64 stock movements applied'],
      mishapShare: 0.002,
      mishaps: [breaks('TimeoutException: warehouse Rotterdam did not answer within 4000 ms')],
    },
  ],
}

const shipping: Service = {
  name: 'shipping-service',
  agents: agentsOf('shipping-service', 2),
  murmurs: [
    pool,
    readiness,
    {
      level: 'INFO',
      logger: 'shop.shipping.CarrierTariffs',
      message: 'Tariffs of 6 carriers are up to date',
    },
    { level: 'WARN', logger: 'shop.shipping.LabelPrinter', message: 'Printer dock-3 is low on labels' },
  ],
  routes: [
    {
      name: 'book-shipment',
      medianMs: 160,
      p99Ms: 520,
      logger: 'shop.shipping.ShipmentBooking',
      says: [
        'Parcel {parcel} of order {order} booked with carrier PostNord',
        'Parcel {parcel} of order {order} booked with carrier DHL',
      ],
      mishapShare: 0.002,
      mishaps: [
        refuses('AddressRejected: the carrier does not know this postcode'),
        breaks('ConnectException: Connection refused: carrier-gateway/10.12.4.31:8443'),
      ],
    },
    {
      name: 'print-label',
      medianMs: 75,
      p99Ms: 260,
      logger: 'shop.shipping.LabelPrinter',
      says: ['Label of parcel {parcel} printed at dock-1'],
      mishapShare: 0.001,
      mishaps: [breaks('PrinterJammed: dock-1 reported paper jam (code 0x13)')],
    },
    {
      name: 'track-parcel',
      medianMs: 45,
      p99Ms: 160,
      logger: 'shop.shipping.Tracking',
      says: ['Parcel {parcel} last seen in sorting centre Hannover'],
      mishapShare: 0.001,
      mishaps: [refuses('UnknownParcel: the carrier has not scanned it yet')],
    },
  ],
}

const notifications: Service = {
  name: 'notification-service',
  agents: agentsOf('notification-service', 2),
  murmurs: [
    flags,
    readiness,
    {
      level: 'DEBUG',
      logger: 'shop.notification.Templates',
      message: 'Template cache warmed: 42 templates in 6 languages',
    },
  ],
  routes: [
    {
      name: 'send-email',
      medianMs: 120,
      p99Ms: 450,
      logger: 'shop.notification.Mailer',
      says: ['E-mail about order {order} accepted by relay mx2'],
      mishapShare: 0.001,
      mishaps: [
        refuses('MailboxFull: 452 4.2.2 the recipient is over quota'),
        breaks('SocketTimeoutException: relay mx1 closed the connection after 10 s'),
      ],
    },
    {
      name: 'send-push',
      medianMs: 40,
      p99Ms: 180,
      logger: 'shop.notification.Push',
      says: ['Push about parcel {parcel} delivered to 1 device'],
      mishapShare: 0.002,
      mishaps: [refuses('DeviceGone: the app was uninstalled')],
    },
  ],
}

export const services: readonly Service[] = [orders, payments, inventory, shipping, notifications]
