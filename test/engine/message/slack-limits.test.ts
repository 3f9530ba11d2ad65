import { describe, expect, test } from 'vitest'
import { slackComplaints } from '#test/harness/slack-limits.ts'

const header = { type: 'header', text: { type: 'plain_text', text: 'Hello' } }
const button = (id: string, label = 'Go') => ({
  type: 'button',
  action_id: id,
  text: { type: 'plain_text', text: label },
  value: 'list',
})
const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text, verbatim: true } })
const said = (...blocks: object[]) => ({ text: 'Hello', blocks })

describe('our model of Slack refuses what Slack refuses', () => {
  test('and takes what Slack takes', () => {
    expect(slackComplaints('message', said(header, section('<https://a.example|a> &amp; `b`')))).toEqual([])
  })

  test.each<[string, object]>([
    ['51 blocks', said(...Array.from({ length: 51 }, () => header))],
    ['an empty text', said(section(''))],
    ['3001 characters', said(section('x'.repeat(3001)))],
    ['a label of 76 characters', said({ type: 'actions', elements: [button('a', 'x'.repeat(76))] })],
    [
      '26 buttons',
      said({ type: 'actions', elements: Array.from({ length: 26 }, (_, at) => button(`a${at}`)) }),
    ],
    ['an id used twice', said({ type: 'actions', elements: [button('a'), button('a')] })],
    ['a block it does not know', said({ type: 'bogus' })],
    ['a mention', said(section('<!channel>'))],
    ['a cut entity', said(section('this &am'))],
    ['half of a pair', said(section('\uD800'))],
    ['a control character', said(section('a\u0000'))],
  ])('%s', (_, payload) => expect(slackComplaints('message', payload)).not.toEqual([]))

  test('a modal that asks without a way to answer', () => {
    const input = {
      type: 'input',
      block_id: 'name',
      optional: false,
      label: { type: 'plain_text', text: 'Name' },
      element: { type: 'plain_text_input', action_id: 'name', multiline: false, max_length: 10 },
    }
    const modal = {
      type: 'modal',
      callback_id: 'form',
      private_metadata: '',
      title: { type: 'plain_text', text: 'Rule' },
      close: { type: 'plain_text', text: 'Cancel' },
      blocks: [input],
    }
    expect(slackComplaints('modal', modal)).toEqual([expect.stringContaining('submit')])
    expect(slackComplaints('modal', { ...modal, submit: { type: 'plain_text', text: 'Next' } })).toEqual([])
  })
})
