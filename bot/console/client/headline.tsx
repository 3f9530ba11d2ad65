/** The number steps back behind the words; it is there for typing, not for reading. */
export function Headline({ id, text }: { readonly id: string; readonly text: string }) {
  const [, number, rest] = /^(#\d+) (.+)$/su.exec(text) ?? []
  return (
    <h2 id={id}>
      {number ? (
        <>
          <span className="number">{number}</span> {rest}
        </>
      ) : (
        text
      )}
    </h2>
  )
}
