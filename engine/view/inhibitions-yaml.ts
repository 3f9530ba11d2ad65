import { printMatcher } from '#engine/matcher-text.ts'
import type { InhibitionRule } from '#engine/suppress/inhibition.ts'
import { yamlText } from './yaml-text.ts'

/** As `inhibit_rules` of Alertmanager's file. Ours have names, which its readers do not know: they are comments. */
export function inhibitionsYaml(rules: readonly (InhibitionRule & { readonly name: string })[]): string {
  if (rules.length === 0) return ''
  return ['inhibit_rules:', ...rules.flatMap(inhibitionLines), ''].join('\n')
}

function inhibitionLines({
  name,
  source,
  target,
  equal,
}: InhibitionRule & { readonly name: string }): string[] {
  return [
    `  # ${yamlText(name)}`,
    `  - source_matchers: ${yamlText(source.map(printMatcher))}`,
    `    target_matchers: ${yamlText(target.map(printMatcher))}`,
    ...(equal.length > 0 ? [`    equal: ${yamlText(equal)}`] : []),
  ]
}
