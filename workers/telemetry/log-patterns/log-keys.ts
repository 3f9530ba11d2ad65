import type { LogsQuestion } from '#engine/telemetry/telemetry.ts'

/** What lines are told apart by; '' where no question looks. */
export interface LineNames {
  readonly environment: string
  readonly app: string
  readonly agent: string
  readonly level: string
  readonly pattern: string
}

/** Numbers for what questions count, whatever their windows: one without an app counts the lines of all apps. */
export class LogKeys {
  readonly #numbers = new Map<string, number>()
  readonly #counting = new Map<string, number[]>()
  /** Which of app and agent some question names. */
  readonly #shapes = new Set<string>()

  get size(): number {
    return this.#numbers.size
  }

  keyOf(question: LogsQuestion): number | undefined {
    return this.#numbers.get(identity(question))
  }

  add(question: LogsQuestion): number {
    const known = this.keyOf(question)
    if (known !== undefined) return known
    const key = this.#numbers.size
    this.#numbers.set(identity(question), key)
    const { app, agent, levels } = question
    this.#shapes.add(shapeOf(app !== undefined, agent !== undefined))
    for (const level of levels) {
      const text = lineText({ ...question, level })
      const keys = this.#counting.get(text)
      if (keys) keys.push(key)
      else this.#counting.set(text, [key])
    }
    return key
  }

  /** The keys that count such a line. */
  *counting({ app, agent, ...line }: LineNames): Generator<number> {
    for (const shape of this.#shapes) {
      const seen = {
        ...line,
        ...(shape.includes('app') && { app }),
        ...(shape.includes('agent') && { agent }),
      }
      yield* this.#counting.get(lineText(seen)) ?? []
    }
  }
}

/** Of what is counted, whatever the window. */
export function identity({ environment, app, agent, levels, pattern }: LogsQuestion): string {
  return JSON.stringify([environment, app ?? null, agent ?? null, levels, pattern])
}

function shapeOf(byApp: boolean, byAgent: boolean): string {
  return `${byApp ? 'app' : ''} ${byAgent ? 'agent' : ''}`
}

function lineText({ environment, app, agent, level, pattern }: Partial<LineNames>): string {
  return JSON.stringify([environment, app ?? null, agent ?? null, level, pattern])
}
