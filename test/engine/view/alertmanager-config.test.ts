import { expect, test } from 'vitest'
import { alertmanagerYaml } from '#engine/view/alertmanager-config.ts'

test('one receiver hears everything', () => {
  expect(alertmanagerYaml(['Local chat'], 300)).toBe(`global:
  resolve_timeout: 300s
route:
  receiver: "Local chat"
  group_by: ['...']
receivers:
  - name: "Local chat"
`)
})

test('several all hear it, and no name can break out of its quotes', () => {
  const yaml = alertmanagerYaml(['#ops', 'a "b"\n- name: c'], 300)
  expect(yaml).toContain(`    - { receiver: "#ops", continue: true }
    - { receiver: "a \\"b\\"\\n- name: c", continue: true }`)
})

test('a house that tells nobody yet is still a configuration', () => {
  expect(alertmanagerYaml([], 300)).toContain('receiver: "nobody"')
})

test('what YAML takes in an escape only is escaped', () => {
  const yaml = alertmanagerYaml(['a\u007fb\u0085c\u2028d\ufeffe'], 300)
  expect(yaml).toContain('receiver: "a\\u007fb\\u0085c\\u2028d\\ufeffe"')
})
