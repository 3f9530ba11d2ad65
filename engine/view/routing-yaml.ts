import { maskRouting, type RoutingDocument } from '#engine/dispatch/read-routing.ts'
import { isObject } from '#engine/intake/json.ts'
import { yamlText } from './yaml-text.ts'

/**
 * A routing as Alertmanager's own file, for amtool and Grafana, which refuse words they do not know: what is ours alone is
 * left out (chats, and a webhook's timeout, which amtool before 0.28 stumbles over), and so is what is secret.
 */
export function routingYaml(document: RoutingDocument): string {
  const { receivers, ...rest } = maskRouting(document)
  const known = receivers.map(({ name, webhook_configs: webhooks }) => ({
    name,
    ...(webhooks && { webhook_configs: webhooks.map((webhook) => ({ ...webhook, timeout: undefined })) }),
  }))
  return `${block({ ...rest, receivers: known }, '').join('\n')}\n`
}

/** Only what is worth a line of its own is laid out. */
function block(object: Readonly<Record<string, unknown>>, indent: string): string[] {
  return Object.entries(object)
    .filter(([, value]) => value !== undefined)
    .flatMap(([key, value]) => {
      if (isObject(value)) return [`${indent}${key}:`, ...block(value, `${indent}  `)]
      if (!Array.isArray(value) || !value.every(isObject) || value.length === 0)
        return `${indent}${key}: ${yamlText(value)}`
      return [`${indent}${key}:`, ...value.flatMap((item) => listItem(item, indent))]
    })
}

function listItem(item: Readonly<Record<string, unknown>>, indent: string): string[] {
  const [first = `${indent}    {}`, ...others] = block(item, `${indent}    `)
  return [`${indent}  - ${first.trimStart()}`, ...others]
}
