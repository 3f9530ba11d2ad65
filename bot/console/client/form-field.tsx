import { useId } from 'react'
import type { ChoiceField, Field, TextField } from '#engine/view/form.ts'

/** A few choices lie open, and a few more where each has something to say for itself; the rest is a list. */
function liesOpen({ options }: ChoiceField): boolean {
  return options.length <= 3 || (options.length <= 5 && options.some(({ hint }) => hint))
}

export function FormField({ field }: { readonly field: Field }) {
  const id = useId()
  if (field.kind === 'choice' && liesOpen(field)) return <OpenChoice field={field} id={id} />
  const described = describedBy(field, id)
  return (
    <div className="field">
      <label htmlFor={id}>
        {field.label} <Optional field={field} />
      </label>
      {field.kind === 'text' ? (
        <TextInput field={field} id={id} described={described} />
      ) : (
        <Select field={field} id={id} described={described} />
      )}
      <Hints field={field} id={id} />
    </div>
  )
}

interface InputProps<Kind> {
  readonly field: Kind
  readonly id: string
  readonly described: string | undefined
}

function TextInput({ field, id, described }: InputProps<TextField>) {
  const attributes = {
    id,
    name: field.name,
    defaultValue: field.value ?? '',
    placeholder: field.placeholder,
    maxLength: field.maxLength,
    required: field.required,
    'aria-invalid': field.error !== undefined,
    'aria-describedby': described,
    autoComplete: 'off',
    spellCheck: false,
  }
  return field.multiline ? <textarea rows={4} {...attributes} /> : <input type="text" {...attributes} />
}

function Select({ field, id, described }: InputProps<ChoiceField>) {
  return (
    <span className="select">
      <select
        id={id}
        name={field.name}
        defaultValue={field.value ?? ''}
        required={field.required}
        aria-invalid={field.error !== undefined}
        aria-describedby={described}
      >
        {(field.value === undefined || !field.required) && <option value="">Choose…</option>}
        {field.options.map(({ value, label, hint }) => (
          <option key={value} value={value}>
            {hint ? `${label} – ${hint}` : label}
          </option>
        ))}
      </select>
      <svg className="chevron" viewBox="0 0 10 10" aria-hidden="true">
        <path d="m2 3.5 3 3 3-3" />
      </svg>
    </span>
  )
}

function OpenChoice({ field, id }: { readonly field: ChoiceField; readonly id: string }) {
  return (
    <fieldset
      className="field choices"
      data-compact={field.options.every(({ hint, label }) => !hint && label.length < 16)}
      aria-describedby={describedBy(field, id)}
    >
      <legend>
        {field.label} <Optional field={field} />
      </legend>
      <div>
        {field.options.map(({ value, label, hint }) => (
          <label key={value}>
            <input
              type="radio"
              name={field.name}
              value={value}
              defaultChecked={field.value === value}
              aria-invalid={field.error !== undefined}
            />
            <span>
              {label}
              {hint && <small>{hint}</small>}
            </span>
          </label>
        ))}
      </div>
      <Hints field={field} id={id} />
    </fieldset>
  )
}

function Optional({ field }: { readonly field: Field }) {
  return field.required ? null : <small>optional</small>
}

function Hints({ field, id }: { readonly field: Field; readonly id: string }) {
  return (
    <>
      {field.hint && (
        <p className="hint" id={`${id}hint`}>
          {field.hint}
        </p>
      )}
      {field.error && (
        <p className="field-error" id={`${id}error`} role="alert">
          {field.error}
        </p>
      )}
    </>
  )
}

function describedBy({ hint, error }: Field, id: string): string | undefined {
  const ids = [...(error ? [`${id}error`] : []), ...(hint ? [`${id}hint`] : [])]
  return ids.length > 0 ? ids.join(' ') : undefined
}
