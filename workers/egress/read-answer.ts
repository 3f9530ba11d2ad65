import type { z } from 'zod'
import type { OutsideAnswer } from './outside.ts'

/** What a vendor answered, if it is what it should be; undefined = anything else. */
export function readAnswer<T>(schema: z.ZodType<T>, { text }: Pick<OutsideAnswer, 'text'>): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
