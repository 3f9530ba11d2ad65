import { DeliveryError } from './notifier.ts'

/** Nothing was tried: what is set up here cannot work. */
export function brokenHere(because: string): DeliveryError {
  return new DeliveryError(because, { retry: 'never', fault: 'config' })
}
