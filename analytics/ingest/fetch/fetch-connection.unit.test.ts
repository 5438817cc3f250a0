import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { Writer } from '@platformatic/kafka'
import { afterEach, expect, it } from 'vitest'
import { closer } from '#pipelines/kernel/lifecycle.ts'
import { type AnswerMemory, type FetchConnection, socketConnection } from './fetch-connection.ts'

/** For the tests that wait for it. */
const LIMIT_MS = 150
const [API_KEY, VERSION] = [1, 13]

let open = closer()
afterEach(async () => {
  await open.close()
  open = closer()
})

/** A broker that takes connections and does nothing of its own accord. */
async function broker({ limitMs }: { limitMs?: number } = {}) {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  open.add({ close: () => new Promise<void>((resolve) => void server.close(() => resolve())) })
  const accepted = once(server, 'connection') as Promise<[Socket]>
  const connection = await socketConnection({ host: '127.0.0.1', port }, { limitMs })
  open.add(connection)
  const [socket] = await accepted
  socket.on('error', () => {})
  open.add({ close: async () => void socket.destroy() })
  return { connection, socket, port }
}

const memory = (): AnswerMemory => ({ bytes: Buffer.alloc(0) })
const ask = (connection: FetchConnection, into = memory()) =>
  connection.ask(API_KEY, VERSION, Writer.create().appendInt32(4711), into)

/** The next request, once it is there, and the number it wants to be answered by. */
async function request(socket: Socket): Promise<{ number: number; bytes: Buffer }> {
  const [bytes] = (await once(socket, 'data')) as [Buffer]
  return { number: bytes.readInt32BE(8), bytes }
}

function answer(number: number, body: Buffer, length = 5 + body.length): Buffer {
  const head = Buffer.alloc(9)
  head.writeInt32BE(length, 0)
  head.writeInt32BE(number, 4)
  return Buffer.concat([head, body])
}

const body = Buffer.from('batches of records')

it('sends a request with its length, key, version and number, and gives the answer behind its header', async () => {
  const { connection, socket } = await broker()
  const asked = ask(connection)
  const { number, bytes } = await request(socket)
  expect([bytes.readInt32BE(0), bytes.readInt16BE(4), bytes.readInt16BE(6)]).toEqual([
    bytes.length - 4,
    API_KEY,
    VERSION,
  ])
  expect(bytes.readInt32BE(bytes.length - 4)).toBe(4711)
  socket.write(answer(number, body))
  expect(String(await asked)).toBe(String(body))
})

it('puts an answer together that comes byte by byte, and the next one after it', async () => {
  const { connection, socket } = await broker()
  const own = memory()
  for (const text of ['the first answer', 'and one more']) {
    const asked = ask(connection, own)
    const { number } = await request(socket)
    for (const byte of answer(number, Buffer.from(text))) {
      socket.write(Buffer.from([byte]))
      await new Promise(setImmediate)
    }
    expect(String(await asked)).toBe(text)
  }
})

it('uses the memory it is given again, and makes more where an answer is larger', async () => {
  const { connection, socket } = await broker()
  const own = memory()
  const bytes: Buffer[] = []
  for (const size of [100_000, 10, 100_000, 3_000_000]) {
    const asked = ask(connection, own)
    const { number } = await request(socket)
    socket.write(answer(number, Buffer.alloc(size, size % 251)))
    expect((await asked).equals(Buffer.alloc(size, size % 251))).toBe(true)
    bytes.push(own.bytes)
  }
  expect(bytes[1]).toBe(bytes[0])
  expect(bytes[2]).toBe(bytes[0])
  expect(bytes[3]).not.toBe(bytes[0])
})

it('gives up a broker that is silent, and one that falls silent in the middle of an answer', async () => {
  for (const sent of [0, 3, 12]) {
    const { connection, socket } = await broker({ limitMs: LIMIT_MS })
    const asked = ask(connection)
    const { number } = await request(socket)
    socket.write(answer(number, body).subarray(0, sent))
    await expect(asked).rejects.toMatchObject({
      code: 'KAFKA_AWAY',
      message: expect.stringContaining(`${LIMIT_MS} ms`),
    })
    await expect(ask(connection)).rejects.toMatchObject({ code: 'KAFKA_AWAY' })
  }
})

it('lets a broker rest between two requests for longer than it may be silent, and asks on', async () => {
  const { connection, socket } = await broker({ limitMs: LIMIT_MS })
  for (const text of ['before', 'after']) {
    const asked = ask(connection)
    const { number } = await request(socket)
    socket.write(answer(number, Buffer.from(text)))
    expect(String(await asked)).toBe(text)
    await new Promise((resolve) => setTimeout(resolve, 2 * LIMIT_MS))
  }
  // Silence counts again from the next question on.
  await expect(ask(connection)).rejects.toMatchObject({ code: 'KAFKA_AWAY' })
})

it('waits for an answer that keeps coming, however slowly', async () => {
  const limitMs = 500
  const { connection, socket } = await broker({ limitMs })
  const asked = ask(connection)
  const { number } = await request(socket)
  const began = performance.now()
  for (const piece of answer(number, body)
    .toString('latin1')
    .match(/.{1,5}/gs) ?? []) {
    await new Promise((resolve) => setTimeout(resolve, limitMs / 4))
    socket.write(Buffer.from(piece, 'latin1'))
  }
  expect(String(await asked)).toBe(String(body))
  expect(performance.now() - began).toBeGreaterThan(limitMs)
})

it.each([
  ['an answer to another request', (number: number) => answer(number + 1, body), 'another request'],
  ['a length below any header', (number: number) => answer(number, body, 4), 'an answer of 4 bytes'],
  ['a length below nothing', (number: number) => answer(number, body, -1), 'an answer of -1 bytes'],
  ['what is no Kafka', () => Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), 'an answer of 1213486160 bytes'],
])('refuses %s, and is of no use after', async (_what, bytes, reason) => {
  const { connection, socket } = await broker()
  const asked = ask(connection)
  const closed = once(socket, 'close')
  const { number } = await request(socket)
  socket.write(bytes(number))
  const refused = { code: 'KAFKA_ANSWER', message: expect.stringContaining(reason), retriable: true }
  await expect(asked).rejects.toMatchObject(refused)
  await closed
  await expect(ask(connection)).rejects.toMatchObject(refused)
})

it('refuses a second answer to one request', async () => {
  const { connection, socket } = await broker()
  const asked = ask(connection)
  const closed = once(socket, 'close')
  const { number } = await request(socket)
  socket.write(Buffer.concat([answer(number, body), answer(number, body)]))
  expect(String(await asked)).toBe(String(body))
  await closed
  await expect(ask(connection)).rejects.toMatchObject({ code: 'KAFKA_ANSWER' })
})

it.each([
  ['a whole answer', answer(1, body)],
  ['a single byte', Buffer.from([0])],
])('refuses %s before anything was asked', async (_what, bytes) => {
  const { connection, socket } = await broker()
  const closed = once(socket, 'close')
  socket.write(bytes)
  await closed
  await expect(ask(connection)).rejects.toMatchObject({ code: 'KAFKA_ANSWER' })
})

it.each([0, 2, 7, 14])('says so when the broker closes the connection after %i bytes of an answer', async (sent) => {
  const { connection, socket } = await broker()
  const asked = ask(connection)
  const { number } = await request(socket)
  socket.end(answer(number, body).subarray(0, sent))
  await expect(asked).rejects.toMatchObject({ code: 'KAFKA_AWAY', message: expect.stringContaining('closed') })
})

it('says so when nobody listens, and when we close while an answer is on its way', async () => {
  const { connection, socket, port } = await broker()
  const asked = ask(connection)
  await request(socket)
  await connection.close()
  await expect(asked).rejects.toMatchObject({ code: 'KAFKA_AWAY' })
  await open.close()
  await expect(socketConnection({ host: '127.0.0.1', port })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

it('takes one question at a time', async () => {
  const { connection, socket } = await broker()
  const asked = ask(connection)
  await expect(ask(connection)).rejects.toThrow(TypeError)
  const { number } = await request(socket)
  socket.write(answer(number, body))
  expect(String(await asked)).toBe(String(body))
})
