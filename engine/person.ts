/** Where a person speaks to us. */
export type Surface = 'local' | 'slack' | 'teams' | 'discord' | 'api'

export type Role = 'VIEWER' | 'OPERATOR' | 'ADMIN'

export interface Person {
  readonly kind: 'person'
  readonly id: string
  readonly name: string
  readonly surface: Surface
  readonly role: Role
}

/** Anyone or anything that can cause a change; every timeline entry names one. */
export type Actor =
  | Pick<Person, 'kind' | 'id' | 'name' | 'surface'>
  | { readonly kind: 'source'; readonly name: string }
  | { readonly kind: 'clock' }

export function actorName(actor: Actor): string {
  if (actor.kind === 'clock') return 'Tocsin'
  return actor.name
}

/** The part of a person worth writing beside an action; a later change of role must not rewrite history. */
export function asActor(person: Person): Actor {
  return { kind: 'person', id: person.id, name: person.name, surface: person.surface }
}
