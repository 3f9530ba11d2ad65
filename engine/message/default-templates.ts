/** What a rule's alerts are called where the rule has no words of its own (seed 004). */
export const defaultTitleTemplate = '[{{rule.severity}}] {{rule.name}} — {{env.slug}}'

/** And what is said of them. */
export const defaultMessageTemplate =
  'Alert {{alert.id}} fired at {{alert.firedAt}}. Value: {{alert.currentValue}}, Threshold: {{alert.threshold}}'
