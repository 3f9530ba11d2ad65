/** Adaptive Cards 1.5, the newest version Teams shows on every device (https://adaptivecards.io/explorer). */
export interface AdaptiveCard {
  readonly type: 'AdaptiveCard'
  readonly $schema: string
  readonly version: '1.5'
  readonly body: readonly CardElement[]
  readonly actions?: readonly CardElement[]
  /** What an app too old for 1.5 shows instead. */
  readonly fallbackText?: string
  readonly msteams?: { readonly width: 'Full' }
}

export interface CardElement {
  readonly type: string
  readonly [property: string]: unknown
}

export function adaptiveCard(parts: Pick<AdaptiveCard, 'body' | 'actions' | 'fallbackText'>): AdaptiveCard {
  return {
    type: 'AdaptiveCard',
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    version: '1.5',
    msteams: { width: 'Full' },
    ...parts,
  }
}

/** An empty text is no text to Teams, which then refuses the card: it becomes a space that is kept. */
export function textBlock(text: string, look: Readonly<Record<string, unknown>> = {}): CardElement {
  return { type: 'TextBlock', text: text || '\u00A0', wrap: true, ...look }
}
