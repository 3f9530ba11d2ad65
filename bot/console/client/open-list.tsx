import type { LocalMessage, OpenIncident } from '#bot/console/local-chat.ts'
import type { Tone } from '#engine/message/message.ts'
import { incidentOf } from './headline.tsx'
import { isAcknowledged } from './summary.ts'
import { ToneShape } from './tone.tsx'

interface OpenListProps {
  readonly incidents: readonly OpenIncident[]
  readonly messages: readonly LocalMessage[]
  readonly onOpen: (incident: OpenIncident) => void
}

/** Beside the stream where there is room: what is still open, however far it has scrolled away. */
export function OpenList({ incidents, messages, onOpen }: OpenListProps) {
  return (
    <nav className="open-list" aria-label="Open alerts">
      <h2>Open now</h2>
      {incidents.length === 0 && <p>Nothing. It will show up here by itself.</p>}
      <ul>
        {incidents.map((incident) => (
          <li key={incident.number}>
            <button type="button" onClick={() => onOpen(incident)}>
              <ToneShape tone={toneOf(incident, messages)} />
              <span>
                {incident.title}
                <small>
                  #{incident.number} · {incident.state.toLowerCase()}
                </small>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </nav>
  )
}

function toneOf(incident: OpenIncident, messages: readonly LocalMessage[]): Tone {
  if (isAcknowledged(incident)) return 'acknowledged'
  return messages.findLast((posted) => incidentOf(posted) === incident.number)?.message.tone ?? 'critical'
}
