import { durationFromForm, numberFromForm } from './condition.ts'

/** A form of one platform has five fields and no more, so two things that belong together are typed into one. */
interface Bounds {
  readonly threshold: unknown
  readonly recoveryThreshold?: unknown
}

/** `5%`, or `5% until 3%`: it fires at the first, and is over only at the second. */
export function boundsFromForm(text: string | undefined): Bounds {
  const [threshold = '', ...until] = (text ?? '').split(/\s+until\b/i)
  return {
    threshold: numberFromForm(threshold),
    ...(until.length > 0 && { recoveryThreshold: numberFromForm(until.join(' until')) }),
  }
}

interface Sampling {
  readonly windowSeconds: number | undefined
  readonly minimumSamples?: unknown
}

/** `5m`, or `5m with 100`: fewer samples than that are no data. */
export function windowFromForm(text: string | undefined): Sampling {
  const [window, ...samples] = text?.split(/\s+with\b/i) ?? []
  return {
    windowSeconds: durationFromForm(window),
    ...(samples.length > 0 && { minimumSamples: numberFromForm(samples.join(' with')) }),
  }
}
