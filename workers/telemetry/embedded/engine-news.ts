import { z } from 'zod'

export const engineOptionsSchema = z.object({
  folder: z.string(),
  /** With nobody calling in for this long the engine ends by itself. */
  spanMs: z.number().positive(),
})
export type EngineOptions = z.infer<typeof engineOptionsSchema>

/** What the engine process tells whoever started it, before it goes its own way. */
export const engineNewsSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('in use') }),
  z.object({ kind: z.literal('failed'), because: z.string() }),
])
export type EngineNews = z.infer<typeof engineNewsSchema>
