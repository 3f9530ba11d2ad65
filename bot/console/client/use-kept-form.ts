import { useEffect } from 'react'
import type { Form } from '#engine/view/form.ts'
import { reopenForm } from './server.ts'

const mark = '#form='

/** The address remembers which form is open, so that a reload, or the server's restart, goes on where it stopped. */
export function useKeptForm(form: Form | undefined, showForm: (form: Form) => void): void {
  // Reads once, before the effect below writes.
  useEffect(() => {
    if (!location.hash.startsWith(mark)) return
    reopenForm(decodeURIComponent(location.hash.slice(mark.length))).then(
      (answer) => answer.kind === 'form' && showForm(answer.form),
      // A draft that is gone is not worth a word: it was finished or given up.
      () => undefined,
    )
  }, [])
  const id = form?.id
  useEffect(() => {
    history.replaceState(null, '', id === undefined ? location.pathname : `${mark}${encodeURIComponent(id)}`)
  }, [id])
}
