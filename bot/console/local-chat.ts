import type { Line, Message } from '#engine/message/message.ts'

/** One living message of the local chat; `number` is the incident it is about, where it is about one. */
export interface LocalMessage {
  readonly id: number
  readonly number?: number
  readonly message: Message
  /** The lines under it, oldest first. */
  readonly thread: readonly { readonly at: string; readonly line: Line }[]
  readonly postedAt: string
  readonly updatedAt: string
}

export interface OpenIncident {
  readonly number: number
  readonly title: string
  readonly state: string
}

/** What the page reads. It never writes here: messages are posted and edited by the delivery workers alone. */
export interface LocalChat {
  /** The newest `limit` messages older than `before`, oldest first. */
  list(options: { limit: number; before?: number }): Promise<LocalMessage[]>
  openIncidents(): Promise<OpenIncident[]>
  /** Told of every new message and every edit, also of those made by other processes. */
  subscribe(listener: (message: LocalMessage) => void): () => void
}
