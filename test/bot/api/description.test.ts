import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ApiHouse, startApiHouse } from '#test/harness/api-house.ts'

let house: ApiHouse

beforeAll(async () => {
  house = await startApiHouse()
})
afterAll(() => house.close())

test('the description names every endpoint, and every reference in it leads somewhere', async () => {
  const { status, body } = await house.get('/api/openapi.json')
  expect(status).toBe(200)
  const description = body as {
    openapi: string
    paths: Record<string, Record<string, { responses: object; summary: string }>>
  }
  expect(description.openapi).toMatch(/^3\./)
  const operations = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [
      `${method.toUpperCase()} ${path}`,
      Object.keys(operation.responses),
    ]),
  )
  expect(Object.fromEntries(operations)).toEqual({
    'GET /api/v1/environments/{env}/alerts': ['200', '400', '404'],
    'GET /api/v1/environments/{env}/alerts/rules': ['200', '400', '404'],
    'GET /api/v1/evaluation/gaps': ['200', '400'],
    'POST /api/v1/environments/{env}/alerts/rules': ['201', '400', '404', '422'],
    'GET /api/v1/environments/{env}/alerts/rules/{id}': ['200', '400', '404'],
    'PUT /api/v1/environments/{env}/alerts/rules/{id}': ['200', '400', '404', '422'],
    'DELETE /api/v1/environments/{env}/alerts/rules/{id}': ['204', '400', '404'],
    'POST /api/v1/environments/{env}/alerts/rules/{id}/enable': ['200', '400', '404'],
    'POST /api/v1/environments/{env}/alerts/rules/{id}/disable': ['200', '400', '404'],
    'POST /api/v1/environments/{env}/alerts/rules/test-evaluate': ['200', '400', '404', '503'],
    'POST /api/v1/environments/{env}/alerts/rules/{id}/test-evaluate': ['200', '400', '404', '503'],
    'POST /api/v1/environments/{env}/alerts/rules/{id}/render-preview': ['200', '400', '404'],
    'POST /api/v1/events': ['200', '400', '429'],
    'POST /api/v1/pagerduty/{connection}': ['200', '400', '401'],
    'POST /api/v1/signed/{name}': ['200', '400', '401', '404', '429'],
    'GET /api/v1/signed-doors': ['200'],
    'PUT /api/v1/signed-doors/{name}': ['200', '201', '400', '404'],
    'DELETE /api/v1/signed-doors/{name}': ['204', '400', '404'],
    'GET /api/v1/audit': ['200', '400'],
    'GET /api/v1/audit.csv': ['200'],
    'GET /api/v1/environments/{env}/alerts.csv': ['200'],
    'GET /api/v1/incidents/{number}/timeline.md': ['200'],
    'GET /api/v1/environments/{env}/incidents/{number}/timeline.md': ['200'],
    'GET /api/v1/environments/{env}/alerts/{id}/notifications': ['200', '400', '404'],
    'POST /api/v1/alerts/notifications/{id}/retry': ['202', '400', '404', '409'],
    'GET /api/v1/routing/matrix': ['200'],
    'PUT /api/v1/routing/matrix': ['200', '400'],
    'PUT /api/v1/routing/matrix/{row}/{severity}': ['200', '400'],
    'POST /api/v1/routing/explain': ['200', '400'],
    'GET /api/v1/routing': ['200', '404'],
    'PUT /api/v1/routing': ['200', '400'],
    'DELETE /api/v1/routing': ['204', '404'],
    'GET /api/v1/silences': ['200', '400', '404'],
    'POST /api/v1/silences': ['201', '400', '404'],
    'GET /api/v1/silences/{id}': ['200', '400', '404'],
    'PUT /api/v1/silences/{id}': ['200', '400', '404'],
    'POST /api/v1/silences/{id}/extend': ['200', '400', '404'],
    'DELETE /api/v1/silences/{id}': ['200', '400', '404'],
    'GET /api/v1/inhibitions': ['200', '404'],
    'POST /api/v1/inhibitions': ['201', '400', '404'],
    'GET /api/v1/inhibitions/{id}': ['200', '400', '404'],
    'PUT /api/v1/inhibitions/{id}': ['200', '400', '404'],
    'DELETE /api/v1/inhibitions/{id}': ['204', '400', '404'],
    'GET /api/v1/alerts/{number}/explain': ['200', '400', '404'],
    'GET /api/v1/connections': ['200'],
    'POST /api/v1/connections/{id}/render-preview': ['200', '400', '404'],
    'POST /api/v1/connections': ['201', '400', '404', '409'],
    'GET /api/v1/connections/{id}': ['200', '400', '404', '409'],
    'PUT /api/v1/connections/{id}': ['200', '400', '404', '409'],
    'PATCH /api/v1/connections/{id}': ['200', '400', '404', '409'],
    'DELETE /api/v1/connections/{id}': ['204', '400', '404', '409'],
    'POST /api/v1/connections/{id}/test': ['200', '202', '400', '404', '409'],
    'GET /api/v1/connections/{id}/tests/{test}': ['200', '400', '404', '409'],
    'GET /api/v1/admin/outbound-connections': ['200'],
    'POST /api/v1/admin/outbound-connections/{id}/render-preview': ['200', '400', '404'],
    'POST /api/v1/admin/outbound-connections': ['201', '400', '404', '409'],
    'GET /api/v1/admin/outbound-connections/{id}': ['200', '400', '404', '409'],
    'PUT /api/v1/admin/outbound-connections/{id}': ['200', '400', '404', '409'],
    'PATCH /api/v1/admin/outbound-connections/{id}': ['200', '400', '404', '409'],
    'DELETE /api/v1/admin/outbound-connections/{id}': ['204', '400', '404', '409'],
    'POST /api/v1/admin/outbound-connections/{id}/test': ['200', '202', '400', '404', '409'],
    'GET /api/v1/admin/outbound-connections/{id}/tests/{test}': ['200', '400', '404', '409'],
    'GET /api/v1/connections/kinds': ['200'],
    'GET /api/v1/notices/types': ['200'],
    'POST /api/v1/notices': ['200', '400', '429'],
    'POST /api/v1/webhooks/{name}': ['200', '400', '404', '429'],
    'GET /api/v1/mappings': ['200'],
    'GET /api/v1/mappings/{name}': ['200', '400', '404'],
    'PUT /api/v1/mappings/{name}': ['200', '201', '400'],
    'DELETE /api/v1/mappings/{name}': ['204', '400', '404'],
    'POST /api/v1/mappings/{name}/test': ['200', '400', '404'],
    'GET /api/v1/tokens': ['200'],
    'POST /api/v1/tokens': ['201', '400', '404', '409'],
    'DELETE /api/v1/tokens/{id}': ['204', '400', '404'],
    'GET /api/v1/groups': ['200'],
    'GET /api/v1/groups/{id}': ['200', '400', '404'],
    'PUT /api/v1/groups/{id}': ['200', '400', '404'],
    'DELETE /api/v1/groups/{id}': ['204', '400', '404', '409'],
    'GET /api/v1/roles': ['200'],
    'GET /api/v1/roles/{id}': ['200', '400', '404'],
    'PUT /api/v1/roles/{id}': ['200', '400', '404'],
    'DELETE /api/v1/roles/{id}': ['204', '400', '404', '409'],
    'GET /api/v1/contact-media': ['200'],
    'PUT /api/v1/contact-media/{type}': ['200', '400', '422'],
    'DELETE /api/v1/contact-media/{type}': ['204', '400', '404'],
    'GET /api/v1/contacts/{id}/alerts': ['200', '400', '404'],
    'GET /api/v1/contacts': ['200', '400'],
    'POST /api/v1/contacts': ['201', '400', '409'],
    'GET /api/v1/contacts/{id}': ['200', '400', '404'],
    'PATCH /api/v1/contacts/{id}': ['200', '400', '404'],
    'DELETE /api/v1/contacts/{id}': ['204', '400', '404', '409'],
    'PUT /api/v1/contacts/{id}/media/{type}': ['200', '400', '404'],
    'DELETE /api/v1/contacts/{id}/media/{type}': ['204', '400', '404'],
    'GET /api/v1/notification-rules': ['200', '400'],
    'POST /api/v1/notification-rules': ['201', '400', '404', '409'],
    'GET /api/v1/notification-rules/{id}': ['200', '400', '404'],
    'PATCH /api/v1/notification-rules/{id}': ['200', '400', '404'],
    'DELETE /api/v1/notification-rules/{id}': ['204', '400', '404'],
    'GET /api/v1/entities': ['200', '400'],
    'POST /api/v1/entities': ['201', '400', '409'],
    'GET /api/v1/entities/{id}': ['200', '400', '404'],
    'PATCH /api/v1/entities/{id}': ['200', '400', '404', '409'],
    'GET /api/v1/maintenances': ['200', '400'],
    'POST /api/v1/maintenances': ['201', '400', '404', '409'],
    'DELETE /api/v1/maintenances/{id}': ['204', '400', '404', '409'],
  })
  const references = [...JSON.stringify(body).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path ?? '')
  for (const reference of references) {
    expect(
      reference.split('/').reduce<unknown>((part, key) => (part as Record<string, unknown>)?.[key], body),
    ).toBeDefined()
  }
})
