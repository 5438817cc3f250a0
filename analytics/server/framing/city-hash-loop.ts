/**
 * The inner loop of CityHash128 as a WebAssembly module, put together here instruction by instruction: V8 has no 64-bit integers in
 * JavaScript but BigInt, which hashes 15 MB/s where this does more than a gigabyte, and an answer that is being hashed holds up all others.
 * `city-hash.ts` does the beginning and the end in BigInt.
 */

/** Instructions that leave one value. */
type Code = readonly number[]

const I32 = 0x7f
const I64 = 0x7e
const END = 0x0b

function unsigned(value: number): number[] {
  const bytes: number[] = []
  for (let left = value; ; left >>>= 7) {
    if (left < 0x80) return [...bytes, left]
    bytes.push((left & 0x7f) | 0x80)
  }
}

function signed(value: bigint): number[] {
  const bytes: number[] = []
  for (let left = BigInt.asIntN(64, value); ; left >>= 7n) {
    const low = Number(left & 0x7fn)
    const rest = left >> 7n
    if ((rest === 0n && low < 0x40) || (rest === -1n && low >= 0x40)) return [...bytes, low]
    bytes.push(low | 0x80)
  }
}

const get = (local: number): Code => [0x20, ...unsigned(local)]
const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)]
const constant = (value: bigint): Code => [0x42, ...signed(value)]
const add = (first: Code, ...more: readonly Code[]): Code => [...first, ...more.flatMap((term) => [...term, 0x7c])]
const multiply = (a: Code, b: Code): Code => [...a, ...b, 0x7e]
const xor = (a: Code, b: Code): Code => [...a, ...b, 0x85]
const rotate = (value: Code, by: bigint): Code => [...value, ...constant(by), 0x8a]
const load = (address: Code, offset: number): Code => [...address, 0x29, 0, ...unsigned(offset)]
const store = (address: Code, offset: number, value: Code): Code => [...address, ...value, 0x37, 0, ...unsigned(offset)]

const section = (id: number, content: readonly number[]): number[] => [id, ...unsigned(content.length), ...content]
const list = (...items: readonly (readonly number[])[]): number[] => [...unsigned(items.length), ...items.flat()]
const text = (word: string): number[] => [...unsigned(word.length), ...Buffer.from(word)]

const K1 = constant(0xb492b66fbe98f273n)

/** Locals: two parameters, the seven words of the state, and what a round needs. */
const L = { at: 0, rounds: 1, x: 2, y: 3, z: 4, v1: 5, v2: 6, w1: 7, w2: 8, turned: 9, a: 10, b: 11, c: 12 } as const
const STATE = [L.x, L.y, L.z, L.v1, L.v2, L.w1, L.w2] as const

/** A weak hash of 32 bytes at `offset`, seeded by `a` and `b`, into two words of the state. */
function weak(offset: number, a: Code, b: Code, low: number, high: number): Code {
  const word = (index: number) => load(get(L.at), offset + 8 * index)
  return [
    ...set(L.a, add(a, word(0))),
    ...set(L.b, rotate(add(b, get(L.a), word(3)), 21n)),
    ...set(L.c, get(L.a)),
    ...set(L.a, add(get(L.a), word(1), word(2))),
    ...set(L.b, add(get(L.b), rotate(get(L.a), 44n))),
    ...set(low, add(get(L.a), word(3))),
    ...set(high, add(get(L.b), get(L.c))),
  ]
}

function round(): Code {
  const word = (offset: number) => load(get(L.at), offset)
  return [
    ...set(L.x, xor(multiply(rotate(add(get(L.x), get(L.y), get(L.v1), word(16)), 37n), K1), get(L.w2))),
    ...set(L.y, xor(multiply(rotate(add(get(L.y), get(L.v2), word(48)), 42n), K1), get(L.v1))),
    ...set(L.turned, rotate(xor(get(L.z), get(L.w1)), 33n)),
    ...weak(0, multiply(get(L.v2), K1), add(get(L.x), get(L.w1)), L.v1, L.v2),
    ...weak(32, add(get(L.turned), get(L.w2)), get(L.y), L.w1, L.w2),
    ...set(L.z, get(L.x)),
    ...set(L.x, get(L.turned)),
  ]
}

function body(): number[] {
  const zero: Code = [0x41, 0]
  const loop = [
    ...[0x03, 0x40], // loop
    ...round(),
    ...[...get(L.at), 0x41, ...signed(64n), 0x6a, 0x21, L.at],
    ...[...get(L.rounds), 0x41, 1, 0x6b, 0x22, L.rounds],
    ...[0x0d, 0, END], // again while rounds are left
  ]
  const code = [
    ...STATE.flatMap((local, index) => set(local, load(zero, 8 * index))),
    ...loop,
    ...STATE.flatMap((local, index) => store(zero, 8 * index, get(local))),
    END,
  ]
  const locals = [1, 11, I64]
  const whole = [...locals, ...code]
  return [...unsigned(whole.length), ...whole]
}

function assembled(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, list([0x60, 2, I32, I32, 0])), // one type: (i32, i32) -> ()
    ...section(3, list([0])),
    ...section(5, list([0, 1])), // one page of memory, to be grown
    ...section(7, list([...text('memory'), 2, 0], [...text('rounds'), 0, 0])),
    ...section(10, list(body())),
  ])
}

/** What is used here of the engine's own WebAssembly, whose types come with a browser's. */
declare const WebAssembly: {
  readonly Module: new (code: Uint8Array<ArrayBuffer>) => object
  readonly Instance: new (module: object) => { readonly exports: unknown }
}
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number }
  rounds(at: number, count: number): void
}

/** Bytes of the state before the data: seven words, padded. */
const DATA_AT = 64
const PAGE = 65_536

export interface HashLoop {
  /** Does `count` rounds (one or more) of 64 bytes each from the beginning of `bytes` on the state x, y, z, v1, v2, w1, w2, in place. */
  run(bytes: Uint8Array, count: number, state: BigUint64Array): void
}

let loaded: HashLoop | undefined

export function hashLoop(): HashLoop {
  if (loaded) return loaded
  const { memory, rounds } = new WebAssembly.Instance(new WebAssembly.Module(assembled())).exports as Exports
  loaded = {
    run(bytes, count, state) {
      const needed = Math.ceil((DATA_AT + count * 64 + PAGE) / PAGE)
      const pages = memory.buffer.byteLength / PAGE
      if (needed > pages) memory.grow(needed - pages)
      new BigUint64Array(memory.buffer, 0, state.length).set(state)
      new Uint8Array(memory.buffer, DATA_AT).set(bytes.subarray(0, count * 64))
      rounds(DATA_AT, count)
      state.set(new BigUint64Array(memory.buffer, 0, state.length))
    },
  }
  return loaded
}
