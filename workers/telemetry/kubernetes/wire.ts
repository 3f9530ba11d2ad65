import type { V1Job, V1Pod } from '@kubernetes/client-node'

/** An object as the API sends it: the client's own type, with times as text. */
type Wire<T> = T extends Date
  ? string
  : T extends (infer Item)[]
    ? Wire<Item>[]
    : T extends object
      ? { [Key in keyof T]: Wire<T[Key]> }
      : T

export type WirePod = Wire<V1Pod>

export type WireJob = Wire<V1Job>

export interface WireList<Item> {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string }
  readonly items: readonly Item[]
}

/** `metav1.Status`: how the API says what went wrong, in answers and in streams. */
export interface WireStatus {
  readonly kind: 'Status'
  readonly code: number
  readonly reason?: string
  readonly message?: string
}
