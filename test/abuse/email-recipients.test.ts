import { describe, expect, test } from 'vitest'
import { readConnectionDraft } from '#engine/connection/draft.ts'

const read = (settings: object) =>
  readConnectionDraft({
    name: 'mail',
    kind: 'email',
    settings: { host: 'smtp.example.org', from: 'alerts@example.org', to: ['ops@example.org'], ...settings },
  })

describe('whom a mail goes to is what somebody wrote, and nobody else (abuse case 10)', () => {
  test.each([
    ['a line break', 'ops@example.org\r\nBcc: evil@example.org'],
    ['a line break alone', 'ops@example.org\n'],
    ['two in one', 'ops@example.org,evil@example.org'],
    ['two with a semicolon', 'ops@example.org;evil@example.org'],
    ['a quoted local part', '"evil@example.org, ops"@example.org'],
    ['a name with brackets', 'Ops <ops@example.org>'],
    ['a comment', 'ops(evil)@example.org'],
    ['a group', 'team:ops@example.org;'],
    ['a space', 'ops @example.org'],
    ['a domain that looks like another', 'ops@exаmple.org'],
    ['a name that looks like another', 'оps@example.org'],
    ['a literal address', 'ops@[127.0.0.1]'],
    ['nothing before the @', '@example.org'],
    ['nothing behind it', 'ops@'],
    ['two dots', 'o..ps@example.org'],
    ['too much', `${'x'.repeat(250)}@example.org`],
  ])('%s is refused', (_, address) => {
    for (const settings of [{ to: [address] }, { from: address }, { replyTo: address }])
      expect(read(settings), JSON.stringify(settings)).toHaveProperty('problems')
  })

  test('a thousand recipients are refused', () => {
    const to = Array.from({ length: 1000 }, (_, at) => `ops${at}@example.org`)
    expect(read({ to })).toMatchObject({
      problems: [{ field: 'settings.to', problem: expect.stringMatching(/At most 100/) }],
    })
  })

  test.each(['subjectPrefix', 'fromName', 'username'])('a line break in %s is refused', (name) => {
    expect(read({ [name]: 'x\r\nBcc: evil@example.org' })).toMatchObject({
      problems: [{ field: `settings.${name}` }],
    })
  })

  test.each([
    'ops@example.org',
    "o'neil+alerts@mail.example.co.uk",
    'ops@localhost',
    'ops@xn--exmple-4uf.org',
  ])('%s is fine', (address) => {
    expect(read({ to: [address] })).toHaveProperty('draft')
  })
})
