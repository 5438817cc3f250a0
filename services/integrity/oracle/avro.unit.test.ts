import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import avro from 'avsc'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { avroReader } from './avro.ts'

const SCHEMA: avro.Schema = { type: 'record', name: 'eshop.Told', fields: [{ name: 'what', type: 'string' }] }
const FRAME = Buffer.from([0, 0, 0, 0, 7])
const framed = Buffer.concat([FRAME, avro.Type.forSchema(SCHEMA).toBuffer({ what: 'all' })])

let status = 200
let server: Server
let url: string
beforeAll(async () => {
  server = createServer((_request, response) =>
    response.writeHead(status).end(JSON.stringify({ schema: JSON.stringify(SCHEMA) })),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => server.close())

test('a registry that says 500 condemns no record: it is asked again', async () => {
  const reader = avroReader(url)
  status = 500
  await expect(reader.read(framed)).rejects.toMatchObject({ code: 'REGISTRY_AWAY' })
  status = 200
  expect(await reader.read(framed)).toEqual({ type: 'Told', value: { what: 'all' } })
})

test('a registry that nobody reaches is away, one that says 404 knows no such schema', async () => {
  await expect(avroReader('http://127.0.0.1:1').read(framed)).rejects.toMatchObject({ code: 'REGISTRY_AWAY' })
  status = 404
  await expect(avroReader(url).read(framed)).rejects.toMatchObject({ code: 'NO_SCHEMA' })
})
