import type { LocalMessage } from '#bot/console/local-chat.ts'

/** The number steps back behind the words; it is there for typing, not for reading. */
export function Headline({ id, text }: { readonly id: string; readonly text: string }) {
  const { number, rest } = takeApart(text)
  return (
    <h2 id={id}>
      {number !== undefined && <span className="number">#{number} </span>}
      {rest}
    </h2>
  )
}

/** The incident a message is about; its headline names it, as every surface's does. */
export function incidentOf({
  number,
  message,
}: Pick<LocalMessage, 'number' | 'message'>): number | undefined {
  return number ?? takeApart(message.headline).number
}

function takeApart(headline: string): { number: number | undefined; rest: string } {
  const [, number, rest = headline] = /^#(\d{1,9}) (.+)$/su.exec(headline) ?? []
  return { number: number === undefined ? undefined : Number(number), rest }
}
