import { useEffect, useRef } from 'react'

/** What mails, pages and tickets link to; read before an open form writes its own mark over it. */
const linked = /^#show=(\d{1,9})$/.exec(location.hash)?.[1]

/** Whoever came through a link about an incident is shown that incident, once. */
export function useLinkedIncident(isLoaded: boolean, show: (number: number) => void): void {
  const isShown = useRef(false)
  useEffect(() => {
    if (!isLoaded || linked === undefined || isShown.current) return
    isShown.current = true
    show(Number(linked))
  }, [isLoaded])
}
