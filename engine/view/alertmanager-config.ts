import { yamlText } from './yaml-text.ts'

/**
 * Our routing as Alertmanager writes it: every alert, each a group of its own, to every receiver. Alertmanager knows no house without a receiver; ours may begin as one.
 */
export function alertmanagerYaml(receivers: readonly string[], resolveTimeoutSeconds: number): string {
  const names = (receivers.length > 0 ? receivers : ['nobody']).map((name) => yamlText(name))
  const [first] = names
  return [
    'global:',
    `  resolve_timeout: ${resolveTimeoutSeconds}s`,
    'route:',
    `  receiver: ${first}`,
    "  group_by: ['...']",
    ...(names.length > 1
      ? ['  routes:', ...names.map((name) => `    - { receiver: ${name}, continue: true }`)]
      : []),
    'receivers:',
    ...names.map((name) => `  - name: ${name}`),
    '',
  ].join('\n')
}
