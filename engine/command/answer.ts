import type { Message } from '#engine/message/message.ts'
import type { Form } from '#engine/view/form.ts'

/** What a door shows to the person who asked. A refusal is an answer too: whispered, never posted to everyone. */
export type Answer =
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'form'; readonly form: Form }
  | { readonly kind: 'refused'; readonly because: string }
