const key = 'tocsin-lines'
const most = 50

/** Earlier lines, newest last. A browser that keeps nothing still has the lines of this visit. */
let lines: readonly string[] = readLines()

export function earlierLines(): readonly string[] {
  return lines
}

export function rememberLine(line: string): void {
  lines = [...lines.filter((one) => one !== line), line].slice(-most)
  try {
    localStorage.setItem(key, JSON.stringify(lines))
  } catch {
    // Storage may be full or forbidden; the history then ends with the page.
  }
}

function readLines(): readonly string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? '[]')
    return Array.isArray(kept) ? kept.filter((line) => typeof line === 'string').slice(-most) : []
  } catch {
    return []
  }
}
