import type { Item, Message } from '#engine/message/message.ts'
import { Actions, CommandButton } from './actions.tsx'
import { PictureView } from './picture-view.tsx'
import { ToneShape, toneWord } from './tone.tsx'
import { Words } from './words.tsx'

interface MessageBodyProps {
  readonly message: Message
  readonly isBusy: boolean
  readonly onCommand: (command: string) => void
}

export function MessageBody({ message, isBusy, onCommand }: MessageBodyProps) {
  return (
    <>
      {message.lines.map((line, at) => (
        <p key={at} className="message-line">
          <Words line={line} />
        </p>
      ))}
      {message.facts.length > 0 && (
        <dl className="facts">
          {message.facts.map(({ label, value }) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>
                <Words line={value} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      {message.picture && <PictureView picture={message.picture} tone={message.tone} />}
      {message.items.length > 0 && (
        <ul className="items">
          {message.items.map((item, at) => (
            <ItemRow key={at} item={item} isBusy={isBusy} onCommand={onCommand} />
          ))}
        </ul>
      )}
      <Actions actions={message.actions} isBusy={isBusy} onCommand={onCommand} />
      {message.notes.length > 0 && (
        <footer className="notes">
          {message.notes.map((line, at) => (
            <p key={at}>
              <Words line={line} />
            </p>
          ))}
        </footer>
      )}
    </>
  )
}

interface ItemRowProps {
  readonly item: Item
  readonly isBusy: boolean
  readonly onCommand: (command: string) => void
}

function ItemRow({ item, isBusy, onCommand }: ItemRowProps) {
  const word = toneWord(item.tone)
  return (
    <li>
      <ToneShape tone={item.tone} />
      <div>
        {word && <span className="unseen">{word}: </span>}
        <Words line={item.line} />
        {item.detail && (
          <p className="item-detail">
            <Words line={item.detail} />
          </p>
        )}
      </div>
      {item.action && <CommandButton button={item.action} isBusy={isBusy} onCommand={onCommand} />}
    </li>
  )
}
