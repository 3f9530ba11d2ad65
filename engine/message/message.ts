/**
 * What we want to say, before any dialect. Every string in here is plain text: a renderer escapes it for its
 * platform, so hostile telemetry can never become markup, a mention or a link.
 * The whole shape is JSON, because the local chat stores and streams it as it is.
 */
export interface Message {
  readonly tone: Tone
  /** One plain line; also the text of the push notification. */
  readonly headline: string
  readonly lines: readonly Line[]
  readonly facts: readonly Fact[]
  readonly items: readonly Item[]
  readonly picture?: Picture
  /** Small print under everything else: who did what, when. */
  readonly notes: readonly Line[]
  readonly actions: readonly Action[]
}

export type Tone = 'critical' | 'warning' | 'info' | 'acknowledged' | 'resolved' | 'neutral'

export type Span =
  | string
  | { readonly strong: string }
  | { readonly code: string }
  /** An instant as ISO 8601; platforms that can show it in the reader's own zone do. */
  | { readonly time: string; readonly style: 'clock' | 'date' | 'relative' }
  | { readonly link: string; readonly href: string }

export type Line = readonly Span[]

export interface Fact {
  readonly label: string
  readonly value: Line
}

/** A row of a list, with at most one button of its own. */
export interface Item {
  readonly tone: Tone
  readonly line: Line
  readonly detail?: Line
  readonly action?: Button
}

/** A button carries the command line a person could have typed; it is parsed and permitted anew on every click. */
export interface Button {
  readonly kind: 'button'
  readonly label: string
  readonly command: string
  readonly style?: 'primary' | 'danger'
}

export interface Menu {
  readonly kind: 'menu'
  readonly label: string
  readonly options: readonly { readonly label: string; readonly command: string }[]
}

export interface Link {
  readonly kind: 'link'
  readonly label: string
  readonly href: string
}

export type Action = Button | Menu | Link

/** A metric around a moment: evenly spaced values, null where nothing was measured. */
export interface Picture {
  /** The instant of the first value, ISO 8601. */
  readonly from: string
  readonly stepSeconds: number
  readonly values: readonly (number | null)[]
  readonly threshold: number
  readonly unit: Unit
  /** True when breaching means being above the threshold. */
  readonly breachesAbove: boolean
  /** Instants worth a mark, ISO 8601: when it fired, when it would have fired. */
  readonly marks: readonly string[]
}

/** ratio: 0..1 shown as per cent. */
export type Unit = 'ratio' | 'ms' | 'count' | 'perSecond' | 'none'

const nothing = { lines: [], facts: [], items: [], notes: [], actions: [] }

export function message(parts: Partial<Message> & Pick<Message, 'headline'>): Message {
  return { tone: 'neutral', ...nothing, ...parts }
}
