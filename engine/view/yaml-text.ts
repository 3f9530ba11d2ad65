const unprintable = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g

/** JSON text is YAML text, but for the characters that YAML (https://yaml.org/spec/1.2.2/#51-character-set) takes in an escape only. */
export function yamlText(value: unknown): string {
  return JSON.stringify(value).replace(
    unprintable,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
