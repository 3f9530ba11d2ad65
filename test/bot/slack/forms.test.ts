import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openSlackDoor } from '#test/harness/slack-door.ts'
import { slashCommand, submission } from '#test/harness/slack-http.ts'

let house: Awaited<ReturnType<typeof openSlackDoor>>

beforeEach(async () => {
  house = await openSlackDoor()
})
afterEach(() => house.close())

const answerTo = async (body: string) => {
  const response = await house.send(body)
  expect(response.status).toBe(200)
  return response.json()
}

describe('a form sent in', () => {
  test('goes on with the next step in the same window', async () => {
    const answer = await answerTo(submission({ name: 'Orders' }))
    expect(answer).toMatchObject({ response_action: 'update', view: { private_metadata: 'draft-1' } })
    expect(JSON.stringify(answer)).toContain('Step 2 of 2')
    expect(house.front.sent).toEqual([{ name: 'Orders' }])
  })

  test('shows what is wrong beside the field, keeping what was typed', async () => {
    expect(await answerTo(submission({ name: 'taken' }))).toEqual({
      response_action: 'errors',
      errors: { name: 'This name is taken.' },
    })
  })

  test('goes back a step with the error drawn, when the field in question is not on the screen', async () => {
    const answer = await answerTo(submission({ elsewhere: 'x' }))
    expect(answer).toMatchObject({ response_action: 'update' })
    expect(JSON.stringify(answer)).toContain('Go back and choose another name.')
  })

  test('closes every window when it is through, and says so where the form was opened', async () => {
    await house.send(slashCommand('rule create', { response_url: house.api.responseUrl }))
    await house.api.heard('views.open')
    expect(await answerTo(submission({ threshold: '5' }))).toEqual({ response_action: 'clear' })
    const [told] = await house.api.heard('response_url')
    expect(told?.sent).toMatchObject({ response_type: 'ephemeral', text: 'Saved: Orders' })
  })

  test('says so in a direct message when nobody knows any more where it was opened', async () => {
    expect(await answerTo(submission({ threshold: '5' }))).toEqual({ response_action: 'clear' })
    const [told] = await house.api.heard('chat.postMessage')
    expect(told?.sent).toMatchObject({ channel: 'U0ALICE', text: 'Saved: Orders' })
  })

  test('says in the window why it is refused', async () => {
    const answer = await answerTo(submission({ name: 'gone' }))
    expect(answer).toMatchObject({ response_action: 'update' })
    expect(JSON.stringify(answer)).toContain('That form is no longer open.')
  })

  test('says in the window that it failed, with a number that is in the log and nothing of our inside', async () => {
    const said = JSON.stringify(await answerTo(submission({ name: 'break' })))
    expect(said).toContain('That did not work')
    expect(said).not.toContain('secrets')
    const line = house.front.logged.find(({ msg }) => msg === 'a request from Slack failed')
    expect(said).toContain(String(line?.['reference']))
  })

  test('of somebody from another company is refused in the window', async () => {
    const mallory = { user: { id: 'U0MALLORY', team_id: 'T0OTHER' } }
    expect(JSON.stringify(await answerTo(submission({ name: 'x' }, mallory)))).toContain(
      'members of the workspace',
    )
    expect(house.front.sent).toEqual([])
  })

  test('is answered in time even when we are not done, and the window shows the outcome later', async () => {
    const wait = Promise.withResolvers<void>()
    house.front.pause = wait.promise
    expect(await answerTo(submission({ name: 'Orders' }))).toMatchObject({
      response_action: 'update',
      view: { title: { text: 'One moment' } },
    })
    wait.resolve()
    const [updated] = await house.api.heard('views.update')
    expect(updated?.sent).toMatchObject({ view_id: 'V0FORM', view: { private_metadata: 'draft-1' } })
  })
})
