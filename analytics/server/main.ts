// Before anything uses the pool: each statement that runs holds one of its threads, and with Node's four a fifth would wait.
process.env.UV_THREADPOOL_SIZE ??= '24'
// The engine's allocator (jemalloc): what one insert leaves is used by the next or given back within two seconds, instead of lying in an arena for
// each core for five. Sooner costs more than it saves: at half a second the kernel's part of an insert is twice as much.
process.env.JE_MALLOC_CONF ??= 'narenas:2,dirty_decay_ms:2000,muzzy_decay_ms:0'
process.env.TZ = 'UTC' // the engine's own time zone, whatever the machine's is

const { createLog } = await import('#pipelines/kernel/log.ts')
const { messageOf, UsageError } = await import('#pipelines/kernel/errors.ts')
const { runUntilSignal } = await import('#pipelines/kernel/lifecycle.ts')
const { readServerConfig } = await import('./config.ts')
const { startClickHouse } = await import('./app.ts')

try {
  const config = readServerConfig()
  const log = createLog('clickhouse', config.logLevel)
  const server = await startClickHouse(config, log)
  runUntilSignal(server, { log })
  log.info({ url: server.url, dataDir: config.dataDir }, 'ready')
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`)
  process.exit(error instanceof UsageError ? 2 : 1)
}

export {}
