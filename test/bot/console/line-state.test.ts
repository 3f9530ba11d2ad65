import { describe, expect, test } from 'vitest'
import { emptyLine, offersCompletions, press, typed } from '#bot/console/client/line-state.ts'
import { complete } from '#engine/command/complete.ts'

const openIncidents = [
  { number: 42, title: 'Card payments are failing', state: 'FIRING' },
  { number: 43, title: 'Orders are slow', state: 'FIRING' },
]
const earlier = ['help', 'list']

/** Types a text and presses keys, as the page does; answers the line and what was sent. */
function play(text: string, ...keys: string[]): { line: string; sent: string[]; ignored: string[] } {
  let state = typed(text)
  const sent: string[] = []
  const ignored: string[] = []
  for (const key of keys) {
    const completions = offersCompletions(state) ? complete(state.text, { openIncidents }) : []
    const pressed = press(key, state, { completions, earlier })
    if (!pressed) ignored.push(key)
    if (pressed?.sent !== undefined) sent.push(pressed.sent)
    state = pressed?.state ?? state
  }
  return { line: state.text, sent, ignored }
}

describe('Enter', () => {
  test.each([
    ['sends a line that can stand', 'list', ['Enter'], '', ['list']],
    ['sends it even when more could follow', 'silence 42', ['Enter'], '', ['silence 42']],
    ['never turns one alert into another', 'ack 4', ['Enter'], '', ['ack 4']],
    [
      'finishes a line that cannot stand before it sends it',
      'ack',
      ['Enter', 'Enter', 'Enter'],
      '',
      ['ack 42'],
    ],
    ['takes what was chosen', 'ack ', ['ArrowDown', 'ArrowDown', 'Enter', 'Enter'], '', ['ack 43']],
    ['sends what nobody understands, so that it is answered', 'dance', ['Enter'], '', ['dance']],
    ['sends nothing when there is nothing', '   ', ['Enter'], '   ', []],
  ])('%s', (_, text, keys, line, sent) => {
    expect(play(text, ...keys)).toMatchObject({ line, sent })
  })
})

describe('Tab', () => {
  test('completes the first, or the chosen one', () => {
    expect(play('/al', 'Tab').line).toBe('/alert list')
    expect(play('ack ', 'ArrowUp', 'Tab').line).toBe('ack 43')
  })

  test('leaves the line as every other field when there is nothing to complete', () => {
    expect(play('', 'Tab').ignored).toEqual(['Tab'])
    expect(play('dance', 'Tab').ignored).toEqual(['Tab'])
  })
})

describe('arrows', () => {
  test('walk through earlier lines and back to an empty one', () => {
    expect(play('', 'ArrowUp').line).toBe('list')
    expect(play('', 'ArrowUp', 'ArrowUp').line).toBe('help')
    expect(play('', 'ArrowUp', 'ArrowUp', 'ArrowUp')).toMatchObject({ line: 'help', ignored: ['ArrowUp'] })
    expect(play('', 'ArrowUp', 'ArrowUp', 'ArrowDown', 'ArrowDown').line).toBe('')
    expect(play('', 'ArrowUp', 'Enter').sent).toEqual(['list'])
  })

  test('go round in the suggestions', () => {
    expect(play('ack ', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'Tab').line).toBe('ack 42')
  })
})

test('Esc closes the suggestions first, then empties the line, then is nobody’s', () => {
  expect(play('ack ', 'Escape').line).toBe('ack ')
  expect(play('ack ', 'Escape', 'Escape')).toMatchObject({ line: '', ignored: [] })
  expect(press('Escape', emptyLine, { completions: [], earlier })).toBeUndefined()
})
