/**
 * What a query answers, by columns, as ClickHouse keeps them: numbers as they are, names as places in a list of the different ones.
 * For answers of many thousand rows, whose JSON would cost both sides more than the query. The format is called Native
 * (https://clickhouse.com/docs/interfaces/formats/Native); only those types are known that somebody here asks for.
 */
export interface Columns {
  readonly rows: number
  /** UInt8, UInt16, UInt32, Float64. */
  numbers(column: string): Numbers
  /** LowCardinality(String). */
  names(column: string): Names
  /** Array(UInt32). */
  lists(column: string): Lists
}

type Numbers = Uint8Array | Uint16Array | Uint32Array | Float64Array

interface Names {
  readonly different: readonly string[]
  /** Of each row, its place among the different ones. */
  readonly places: Numbers
}

interface Lists {
  /** Of each row, where its list begins among the values; one more than rows. */
  readonly starts: Numbers
  readonly values: Uint32Array
}

export function readColumns(bytes: Uint8Array): Columns {
  const source = new Source(bytes)
  const blocks: Block[] = []
  while (!source.isAtEnd()) blocks.push(readBlock(source))
  const filled = blocks.filter((block) => block.rows > 0)
  const rows = filled.reduce((sum, block) => sum + block.rows, 0)
  const columns = joined(filled.map((block) => block.columns))
  const find = <Kind extends Column['kind']>(kind: Kind, name: string) => {
    const column = columns.get(name)
    if (column?.kind === kind) return column as Extract<Column, { kind: Kind }>
    throw new Error(`there is no column ${name} of ${kind}: there are ${[...columns.keys()].join(', ')}`)
  }
  return {
    rows,
    numbers: (name) => (rows === 0 ? new Uint32Array() : find('numbers', name).numbers),
    names: (name) => (rows === 0 ? { different: [], places: new Uint8Array() } : find('names', name)),
    lists: (name) =>
      rows === 0 ? { starts: new Uint32Array(1), values: new Uint32Array() } : find('lists', name),
  }
}

type Column =
  | { readonly kind: 'numbers'; readonly numbers: Numbers }
  | ({ readonly kind: 'names' } & Names)
  | ({ readonly kind: 'lists' } & Lists)

interface Block {
  readonly rows: number
  readonly columns: Map<string, Column>
}

function readBlock(source: Source): Block {
  const width = source.length()
  const rows = source.length()
  const columns = new Map<string, Column>()
  for (let index = 0; index < width; index++) {
    const name = source.text()
    columns.set(name, readColumn(source, source.text(), rows))
  }
  return { rows, columns }
}

const fixed = {
  UInt8: Uint8Array,
  UInt16: Uint16Array,
  UInt32: Uint32Array,
  Float64: Float64Array,
} as const

function readColumn(source: Source, type: string, rows: number): Column {
  if (type in fixed)
    return { kind: 'numbers', numbers: source.numbers(fixed[type as keyof typeof fixed], rows) }
  if (type === 'LowCardinality(String)') return { kind: 'names', ...readNames(source, rows) }
  if (type === 'Array(UInt32)') return { kind: 'lists', ...readLists(source, rows) }
  throw new Error(`ClickHouse answered a column of type ${type}, which nobody reads`)
}

const placeWidths = [Uint8Array, Uint16Array, Uint32Array] as const

/** A block says all of its names itself; dictionaries that others share are for servers among themselves. */
function readNames(source: Source, rows: number): Names {
  if (rows === 0) return { different: [], places: new Uint8Array() }
  source.wide()
  const flags = source.wide()
  const width = placeWidths[flags & 0xff]
  if (!width || (flags & 0x100) !== 0)
    throw new Error(`ClickHouse packed names in a way nobody reads: ${flags}`)
  const different = Array.from({ length: source.wide() }, () => source.text())
  return { different, places: source.numbers(width, source.wide()) }
}

function readLists(source: Source, rows: number): Lists {
  const starts = new Uint32Array(rows + 1)
  for (let row = 1; row <= rows; row++) starts[row] = source.wide()
  return { starts, values: source.numbers(Uint32Array, starts[rows] ?? 0) }
}

/** A large answer comes in many blocks, up to hundreds: all are put together at once. */
function joined(blocks: readonly ReadonlyMap<string, Column>[]): ReadonlyMap<string, Column> {
  const [first = new Map<string, Column>(), ...others] = blocks
  if (others.length === 0) return first
  return new Map([...first.keys()].map((name) => [name, joinedColumn(name, blocks)]))
}

function joinedColumn(name: string, blocks: readonly ReadonlyMap<string, Column>[]): Column {
  const parts = blocks.flatMap((columns) => columns.get(name) ?? [])
  const numbers = parts.flatMap((part) => (part.kind === 'numbers' ? part.numbers : []))
  if (numbers.length === blocks.length)
    return { kind: 'numbers', numbers: concatenated(Float64Array, numbers) }
  const names = parts.filter((part) => part.kind === 'names')
  if (names.length === blocks.length) return joinedNames(names)
  const lists = parts.filter((part) => part.kind === 'lists')
  if (lists.length === blocks.length) return joinedLists(lists)
  throw new Error(`the column ${name} changed on its way`)
}

function joinedNames(parts: readonly Names[]): Column {
  const placeOf = new Map<string, number>()
  const places = parts.map(({ different, places: own }) => {
    const moved = different.map((name) => {
      const place = placeOf.get(name) ?? placeOf.size
      placeOf.set(name, place)
      return place
    })
    return Uint32Array.from(own, (place) => moved[place] ?? 0)
  })
  return { kind: 'names', different: [...placeOf.keys()], places: concatenated(Uint32Array, places) }
}

function joinedLists(parts: readonly Lists[]): Column {
  let end = 0
  const starts = parts.map((part) => {
    const moved = Uint32Array.from(part.starts.subarray(0, -1), (start) => start + end)
    end += part.values.length
    return moved
  })
  return {
    kind: 'lists',
    starts: concatenated(Uint32Array, [...starts, Uint32Array.of(end)]),
    values: concatenated(
      Uint32Array,
      parts.map(({ values }) => values),
    ),
  }
}

function concatenated<Width extends Float64ArrayConstructor | Uint32ArrayConstructor>(
  width: Width,
  parts: readonly Numbers[],
): InstanceType<Width> {
  const whole = new width(parts.reduce((sum, { length }) => sum + length, 0))
  let end = 0
  for (const part of parts) {
    whole.set(part, end)
    end += part.length
  }
  return whole as InstanceType<Width>
}

/** Little-endian, as the machines are that this runs on. */
class Source {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #place = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  isAtEnd(): boolean {
    return this.#place >= this.#bytes.length
  }

  length(): number {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#view.getUint8(this.#place++)
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
  }

  text(): string {
    const length = this.length()
    return utf8.decode(this.#bytes.subarray(this.#place, (this.#place += length)))
  }

  /** Of eight bytes. */
  wide(): number {
    const value =
      this.#view.getUint32(this.#place, true) + this.#view.getUint32(this.#place + 4, true) * 2 ** 32
    this.#place += 8
    return value
  }

  /** A copy, because it may begin at any byte, and views must not. */
  numbers<Width extends NumbersConstructor>(width: Width, count: number): InstanceType<Width> {
    const end = this.#place + count * width.BYTES_PER_ELEMENT
    if (end > this.#bytes.length) throw new Error('the answer of ClickHouse ends in the middle of a column')
    const copy = this.#bytes.slice(this.#place, end)
    this.#place = end
    return new width(copy.buffer, 0, count) as InstanceType<Width>
  }
}

type NumbersConstructor = (typeof fixed)[keyof typeof fixed]

const utf8 = new TextDecoder()
