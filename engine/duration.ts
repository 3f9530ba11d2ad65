const secondsPer: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

const sequence =
  /(\d{1,6})\s*(s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?|d(?:ays?)?)(?![a-z])\s*/gy

/** `90s`, `5 min`, `1h30m`, `2 days` or bare minutes (`30`) → whole seconds; undefined when it is not a length of time. */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim().toLowerCase()
  if (/^\d{1,6}$/.test(trimmed)) return Number(trimmed) * 60
  let seconds = 0
  let read = 0
  for (const [part, amount, unit = ''] of trimmed.matchAll(sequence)) {
    seconds += Number(amount) * (secondsPer[unit.charAt(0)] ?? 0)
    read += part.length
  }
  return read > 0 && read === trimmed.length ? seconds : undefined
}

/** Seconds → the two largest units that say enough: `45 s`, `5 min`, `2 h 13 min`, `3 d 4 h`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return minutes < 5 && whole % 60 ? `${minutes} min ${whole % 60} s` : `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`
  return hours % 24 ? `${Math.floor(hours / 24)} d ${hours % 24} h` : `${Math.floor(hours / 24)} d`
}
