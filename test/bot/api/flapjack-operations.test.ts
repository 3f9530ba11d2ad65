import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ada, type FlapjackTool, flapjackTool } from '#test/harness/flapjack-tool.ts'
import { type ServedHouse, serveHouse } from '#test/harness/served-house.ts'

let house: ServedHouse
let tool: FlapjackTool

beforeAll(async () => {
  house = await serveHouse()
  tool = flapjackTool(house)
})
afterAll(() => house.close())
beforeEach(() => tool.forget())

describe('entities and checks', () => {
  test('an entity that only events know has an id, which provisioning may give it anew', async () => {
    await tool.post('/contacts', { contacts: [ada] })
    await tool.post('/contacts/21/media', { media: [{ type: 'email', address: 'ada@example.com' }] })
    await tool.push('Shop.example.com', 'HTTP', 'ok')
    expect((await tool.get('/entities')).body).toMatchObject({
      entities: expect.arrayContaining([
        expect.objectContaining({
          name: 'shop.example.com',
          links: { contacts: [], checks: ['shop.example.com:HTTP'] },
        }),
      ]),
    })
    await tool.post('/entities', {
      entities: [{ id: '7', name: 'SHOP.example.com', contacts: ['21', 'nobody'] }],
    })
    expect((await tool.get('/entities/7')).body).toMatchObject({
      entities: [{ links: { contacts: ['21'], checks: ['shop.example.com:HTTP'] } }],
    })
    await tool.push('shop.example.com', 'HTTP', 'critical')
    expect(await tool.paged()).toEqual(['21 email problem'])
  })

  test('whoever is linked to ALL hears of everything', async () => {
    await tool.post('/contacts', { contacts: [ada] })
    await tool.post('/contacts/21/media', { media: [{ type: 'email', address: 'ada@example.com' }] })
    await tool.post('/entities', { entities: [{ id: 'ALL', name: 'ALL', contacts: ['21'] }] })
    await tool.push('somewhere', 'HTTP', 'critical')
    expect(await tool.paged()).toEqual(['21 email problem'])
    expect((await tool.get('/contacts/21')).body).toMatchObject({
      contacts: [{ links: { entities: ['ALL'] } }],
    })
  })

  test('a renamed entity takes its checks and listeners along; a name that is taken is refused', async () => {
    await tool.provision()
    await tool.push('db-1.example.com', 'Load', 'critical')
    const name = (value: string) => [{ op: 'replace', path: '/entities/0/name', value }]
    expect((await tool.patch('/entities/826', name('web-11.example.com'))).status).toBe(409)
    expect((await tool.patch('/entities/826', name('db-2.example.com'))).status).toBe(204)
    expect((await tool.get('/entities/826')).body).toMatchObject({
      entities: [
        { name: 'db-2.example.com', links: { contacts: ['22'], checks: ['db-2.example.com:Load'] } },
      ],
    })
    await tool.push('db-2.example.com', 'Load', 'ok')
    expect(await tool.paged()).toEqual(['22 email problem', '22 email recovery'])
  })

  test('a check is made, switched off, and tagged; an event switches it on again', async () => {
    await tool.provision()
    const made = await tool.post('/checks', {
      checks: [{ entity_id: '825', name: 'Disk / C', tags: ['ssd'] }],
    })
    expect(made.status).toBe(201)
    expect(made.body).toEqual(['web-11.example.com:Disk / C'])
    const path = '/checks/web-11.example.com:Disk / C'
    const off = await tool.patch(path, [
      { op: 'replace', path: '/checks/0/enabled', value: false },
      { op: 'add', path: '/checks/0/links/tags', value: ['raid', 'old'] },
      { op: 'remove', path: '/checks/0/links/tags/ssd' },
    ])
    expect(off.status).toBe(204)
    expect((await tool.get('/checks/web-11.example.com:Disk%20%2F%20C')).body).toEqual({
      checks: [
        {
          id: 'web-11.example.com:Disk / C',
          name: 'Disk / C',
          entity_name: 'web-11.example.com',
          enabled: false,
          tags: ['raid', 'old'],
          links: { entities: ['825'] },
        },
      ],
    })
    await tool.push('web-11.example.com', 'Disk / C', 'ok')
    expect((await tool.get(path)).body).toMatchObject({ checks: [{ enabled: true }] })
    expect((await tool.patch('/checks/web-11.example.com:none', [])).status).toBe(404)
  })
})

describe('maintenances, acknowledgements, tests', () => {
  const start = () => house.clock.now().toISOString()

  test('nobody hears of an entity in scheduled maintenance until it is ended by its start', async () => {
    await tool.provision()
    await tool.push('db-1.example.com', 'Load', 'ok')
    const window = { start_time: start(), duration: 3600, summary: 'New disks' }
    const made = await tool.post('/scheduled_maintenances/entities/826', { scheduled_maintenances: [window] })
    expect(made.status).toBe(204)
    await tool.push('db-1.example.com', 'Load', 'critical')
    expect(await tool.paged()).toEqual([])
    const path = `/scheduled_maintenances/checks/db-1.example.com:Load`
    expect((await tool.remove(`${path}?start_time=${window.start_time.replace('Z', '+00:00')}`)).status).toBe(
      204,
    )
    house.clock.forward('60s')
    await tool.push('db-1.example.com', 'Load', 'critical')
    expect(await tool.paged()).toEqual(['22 email problem'])
    expect((await tool.remove(path)).status).toBe(403)
  })

  test('an acknowledgement is an event like any other, and its end can be moved', async () => {
    await tool.provision()
    await tool.push('db-1.example.com', 'Load', 'critical')
    const path = '/unscheduled_maintenances/checks/db-1.example.com:Load'
    const draft = { duration: 3600, summary: 'On it' }
    expect((await tool.post(path, { unscheduled_maintenances: [draft] })).status).toBe(204)
    await house.settled()
    expect(await tool.paged()).toEqual(['22 email problem', '22 email acknowledgement'])
    const status = () => tool.get('/status_report/checks/db-1.example.com:Load')
    expect((await status()).body).toMatchObject({
      status_reports: [{ state: 'critical', in_unscheduled_maintenance: true }],
    })
    house.clock.forward('10s')
    const end = [{ op: 'replace', path: '/unscheduled_maintenances/0/end_time', value: start() }]
    expect((await tool.patch(path, end)).status).toBe(204)
    expect((await status()).body).toMatchObject({ status_reports: [{ in_unscheduled_maintenance: false }] })
  })

  test('an acknowledgement and a test need no body', async () => {
    await tool.provision()
    await tool.push('db-1.example.com', 'Load', 'critical')
    const knock = (path: string) => fetch(`${house.url}/flapjack${path}`, { method: 'POST' })
    expect((await knock('/unscheduled_maintenances/checks/db-1.example.com:Load')).status).toBe(204)
    await house.settled()
    await tool.push('db-1.example.com', 'Load', 'ok')
    expect((await knock('/test_notifications/entities/826')).status).toBe(204)
    await house.settled()
    expect((await tool.paged()).toSorted()).toEqual([
      '22 email acknowledgement',
      '22 email problem',
      '22 email recovery',
      '22 email test',
    ])
  })
})

describe('reports and figures', () => {
  test('what was down, how long, and how much of that was planned', async () => {
    await tool.provision()
    const begin = Math.floor(house.clock.now().getTime() / 1000)
    const at = (seconds: number) => new Date((begin + seconds) * 1000).toISOString()
    await tool.push('db-1.example.com', 'Load', 'ok')
    house.clock.forward('100s')
    await tool.push('db-1.example.com', 'Load', 'warning', { summary: 'high' })
    house.clock.forward('50s')
    await tool.push('db-1.example.com', 'Load', 'critical', {
      summary: 'higher',
      perfdata: "load=9;1 'a b'=2",
    })
    house.clock.forward('50s')
    await tool.push('db-1.example.com', 'Load', 'ok')
    const windows = [{ start_time: at(160), duration: 20 }]
    await tool.post('/scheduled_maintenances/entities/826', { scheduled_maintenances: windows })
    const report = (name: string) =>
      tool.get(`/${name}_report/entities/826?start_time=${at(0)}&end_time=${encodeURIComponent(at(400))}`)
    expect((await report('outage')).body).toEqual({
      outage_reports: [
        {
          outages: [
            {
              state: 'warning',
              start_time: begin + 100,
              end_time: begin + 150,
              duration: 50,
              summary: 'high',
            },
            {
              state: 'critical',
              start_time: begin + 150,
              end_time: begin + 200,
              duration: 50,
              summary: 'higher',
            },
          ],
          links: { entity: ['826'], check: ['db-1.example.com:Load'] },
        },
      ],
      linked: {
        entities: [{ id: '826', name: 'db-1.example.com', links: { checks: ['db-1.example.com:Load'] } }],
        checks: [{ id: 'db-1.example.com:Load', name: 'Load' }],
      },
    })
    expect((await report('downtime')).body).toMatchObject({
      downtime_reports: [
        {
          total_seconds: { warning: 50, critical: 30, ok: 320 },
          percentages: { warning: 12.5, critical: 7.5, ok: 80 },
        },
      ],
    })
    expect((await report('scheduled_maintenance')).body).toMatchObject({
      scheduled_maintenance_reports: [
        { scheduled_maintenances: [{ start_time: begin + 160, end_time: begin + 180, duration: 20 }] },
      ],
    })
    expect((await report('unscheduled_maintenance')).body).toMatchObject({
      unscheduled_maintenance_reports: [{ unscheduled_maintenances: [] }],
    })
    expect((await tool.get('/status_report/checks')).body).toMatchObject({
      status_reports: [
        {
          name: 'Load',
          state: 'ok',
          enabled: true,
          perfdata: [
            { key: 'load', value: '9;1' },
            { key: 'a b', value: '2' },
          ],
          last_change: begin + 200,
          last_problem_notification: begin + 150,
        },
      ],
    })
  })

  test('figures, all or those asked for', async () => {
    await tool.provision()
    await tool.push('db-1.example.com', 'Load', 'critical')
    expect((await tool.get('/metrics?filter=checks,entities')).body).toEqual({
      checks: { all: 1, failing: 1 },
      entities: { all: 3, enabled: 1, failing: 1 },
    })
    expect((await tool.get('/metrics')).body).toMatchObject({ event_queue_length: 0, pid: process.pid })
    expect((await tool.get('/metrics/events')).body).toMatchObject({ events: { queue: { length: 0 } } })
  })
})
