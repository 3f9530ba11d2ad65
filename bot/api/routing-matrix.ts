import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Desk } from '#bot/desk.ts'
import { changeMatrix, loadMatrix } from '#bot/routing-matrix.ts'
import { severityWords } from '#engine/dispatch/category.ts'
import { effectiveCell, type Matrix, matrixOf, matrixRows } from '#engine/dispatch/matrix.ts'
import type { MatrixView } from '#engine/view/matrix.ts'
import { Invalid, problemSchema } from './problem.ts'

const path = '/api/v1/routing/matrix'

const cellExpected = 'A cell is { "override": true, "receivers": ["dba"] }.'

const object = (expected: string) => ({
  error: ({ code, keys }: { code?: string; keys?: readonly string[] }) =>
    code === 'unrecognized_keys' ? `${(keys ?? []).join(', ')} is not part of it. ${expected}` : expected,
})

const cellSchema = z.strictObject(
  {
    override: z
      .boolean({ error: 'true = these receivers alone; false = as global says.' })
      .describe('true: these receivers alone, none of them is silence on purpose; false: as global says'),
    receivers: z
      .array(z.string({ error: 'A name.' }).min(1, 'A name.').max(200), {
        error: 'A list of names; [] = nobody.',
      })
      .max(100, 'At most 100 receivers.')
      .refine((names) => new Set(names).size === names.length, 'The cell names somebody twice.')
      .describe('Names of receivers or of chats'),
  },
  object(cellExpected),
)

type CellBody = z.infer<typeof cellSchema>

const rowSchema = z.strictObject(
  { info: cellSchema.optional(), warning: cellSchema.optional(), error: cellSchema.optional() },
  object('A row has cells for info, warning and error.'),
)
const rowNames = z.enum(matrixRows, { error: `One of ${matrixRows.join(', ')}.` })

/** A row that is left out inherits. */
const matrixSchema = z.strictObject(
  { rows: z.partialRecord(rowNames, rowSchema, object(`Rows are ${matrixRows.join(', ')}.`)) },
  object('A matrix is { "rows": { "backups": { "error": … } } }.'),
)

const shownSchema = z.object({
  rows: z.record(
    z.string(),
    z.record(
      z.string(),
      cellSchema.extend({
        hears: z.array(z.string()).describe('Receivers that are told'),
        from: z.string().describe('The row that says so, or first-route'),
      }),
    ),
  ),
  otherRoutes: z.int().describe('Routes before the matrix; what they take never reaches it'),
  receivers: z.array(z.string()),
})

/** `/api/v1/routing/matrix`: AxonOps' categories × severities, stored as routes of the routing. */
export function serveRoutingMatrix(app: FastifyInstance, desk: Desk): void {
  const api = app.withTypeProvider<ZodTypeProvider>()
  api.get(
    path,
    { schema: { summary: 'Get the routing by category and severity', response: { 200: shownSchema } } },
    async () => shown(await loadMatrix(desk)),
  )
  api.put(
    path,
    {
      schema: {
        summary: 'Replace all cells; what is left out inherits',
        // Read below, where a refusal names the field.
        body: z.unknown(),
        response: { 200: shownSchema, 400: problemSchema },
      },
    },
    async ({ body }) => {
      const { rows } = parsed(matrixSchema, body)
      return change(desk, () => matrixOf((row, severity) => rows[row]?.[severity] ?? inherits))
    },
  )
  api.put(
    `${path}/:row/:severity`,
    {
      schema: {
        summary: 'Replace one cell',
        params: z.object({
          row: rowNames,
          severity: z.enum(severityWords as [string, ...string[]], { error: 'One of info, warning, error.' }),
        }),
        body: z.unknown(),
        response: { 200: shownSchema, 400: problemSchema },
      },
    },
    async ({ params, body }) => {
      const cell = parsed(cellSchema, body)
      return change(desk, (before) =>
        matrixOf((row, severity) =>
          row === params.row && severity === params.severity ? cell : before[row][severity],
        ),
      )
    },
  )
}

const inherits: CellBody = { override: false, receivers: [] }

async function change(desk: Desk, to: (before: Matrix) => Matrix): Promise<z.infer<typeof shownSchema>> {
  const changed = await changeMatrix(desk, to)
  if ('problems' in changed) throw new Invalid('This matrix cannot work.', changed.problems)
  return shown(changed)
}

function parsed<T>(schema: z.ZodType<T>, body: unknown): T {
  const read = schema.safeParse(body)
  if (read.success) return read.data
  throw new Invalid(
    'This matrix cannot be read.',
    read.error.issues.map(({ path: at, message }) => ({ field: at.join('.') || 'body', problem: message })),
  )
}

function shown({ matrix, firstReceiver, others, receivers }: MatrixView): z.infer<typeof shownSchema> {
  const rows = matrixRows.map((row) => [
    row,
    Object.fromEntries(
      severityWords.map((severity) => {
        const { override, receivers: own, hears, from } = effectiveCell(matrix, row, severity, firstReceiver)
        return [severity, { override, receivers: [...own], hears: [...hears], from }]
      }),
    ),
  ])
  return { rows: Object.fromEntries(rows), otherRoutes: others, receivers: [...receivers] }
}
