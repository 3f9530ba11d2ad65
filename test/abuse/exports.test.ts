import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { csvRow } from '#engine/view/csv-row.ts'
import { stranger } from '#engine/audit.ts'
import { push } from '#test/harness/pushed.ts'
import { type ServedHouse, serveHouse } from '#test/harness/served-house.ts'

let house: ServedHouse

beforeAll(async () => {
  house = await serveHouse()
})
afterAll(() => house.close())

async function numbersOf(title: string): Promise<number[]> {
  const { body } = await house.get('/api/v1/environments/prod/alerts?limit=200')
  const { alerts } = body as { alerts: { number: number; title: string }[] }
  return alerts.filter((alert) => alert.title === title).map(({ number }) => number)
}

const formulas = [
  '=HYPERLINK("https://evil.example","docs")',
  "+1+cmd|' /C calc'!A0",
  '-2+3',
  '@SUM(A1)',
  ' =1',
  '\t=1',
  '\r=1',
  '\n=1',
  '\uFF1D1',
  '\uFEFF=1',
  '\u200B=1',
  '|cmd',
  '%0A=1',
]

describe('abuse 23: formulas in what is exported', () => {
  test.each(formulas)('%j is text, which no spreadsheet works out', (text) => {
    expect(csvRow([text])).toBe(`"'${text.replaceAll('"', '""')}"\r\n`)
  })

  test('what is none stays as it is, and no cell leaves its place', () => {
    expect(csvRow(['a "b", c', 'one\ntwo', -3.5, null, '<b>|x|</b>'])).toBe(
      '"a ""b"", c","one\ntwo",-3.5,,"<b>|x|</b>"\r\n',
    )
  })

  test('the alerts as a table hold what a stranger wrote as text, every row, whatever is in it', async () => {
    const title = '=HYPERLINK("https://evil.example","docs")'
    const many = Array.from({ length: 600 }, (_, nth) => ({
      labels: { alertname: title, instance: `@host-${nth}`, note: '",\r\n=1' },
      annotations: { summary: title },
    }))
    expect((await house.post('/api/v2/alerts', many)).status).toBe(200)
    await house.settled()
    const { status, headers, text } = await house.get('/api/v1/environments/prod/alerts.csv')
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(text.match(/"'@host-\d+"/g)?.length).toBe(600)
    expect(text).toContain(`"'=HYPERLINK(""https://evil.example"",""docs"")"`)
    // Nothing that begins a cell begins a formula.
    expect(text).not.toMatch(/(^|,|\n)"?[=+@|]/)
    const none = await house.get('/api/v1/environments/prod/alerts.csv?state=RESOLVED')
    expect(none.text.trim().split('\r\n')).toHaveLength(1)
    expect((await house.get('/api/v1/environments/moon/alerts.csv')).status).toBe(404)
  })

  test('what happened to an alert, as Markdown, holds it as text too', async () => {
    const title = '<img src=x> [docs](https://evil.example) @everyone'
    house.clock.forward('1s')
    await push(house, { check: 'hostile', title, summary: title })
    const [number] = await numbersOf(title)
    const { status, headers, text } = await house.get(`/api/v1/incidents/${number}/timeline.md`)
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('text/markdown; charset=utf-8')
    expect(headers.get('content-disposition')).toBe(`attachment; filename="alert-${number}.md"`)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(text).toContain(`# Alert ${number}: `)
    expect(text).toContain(String.raw`\[docs\]`)
    expect(text).not.toMatch(/<img|(?<!\\)\]\(|@everyone/)
    expect((await house.get(`/api/v1/environments/prod/incidents/${number}/timeline.md`)).text).toBe(text)
    for (const elsewhere of ['environments/moon/incidents/1', 'incidents/999999'])
      expect((await house.get(`/api/v1/${elsewhere}/timeline.md`)).status).toBe(404)
    expect((await house.get('/api/v1/incidents/none/timeline.md')).status).toBe(400)
  })

  test('and so does the audit: whoever is not let writes in no spreadsheet', async () => {
    house.desk.audit.refused({
      door: 'slack',
      actor: stranger('=cmd|calc'),
      what: '@SUM(A1)',
      because: '+1',
    })
    await house.desk.audit.close()
    const { text } = await house.get('/api/v1/audit.csv?outcome=refused')
    expect(text).toContain(`"'=cmd|calc","'@SUM(A1)","refused","'+1"`)
  })
})
