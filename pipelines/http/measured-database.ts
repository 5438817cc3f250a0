import { Counter, Gauge, type Registry } from 'prom-client'
import { type Database, type DatabaseOptions, openDatabase } from '#pipelines/kernel/database.ts'

/** A database that tells at `/metrics` how often transactions lost to others, and how its connections are taken. */
export function measuredDatabase(options: Omit<DatabaseOptions, 'onConflict'>, registry: Registry): Database {
  const registers = [registry]
  const conflicts = new Counter({
    name: 'database_conflicts_total',
    help: 'Transactions that lost by deadlock or serialization failure, each time; they are tried again',
    registers,
  })
  const database = openDatabase({ ...options, onConflict: () => conflicts.inc() })
  const { pool } = database
  const counts = [
    ['database_connections_open', 'Connections to the database', () => pool.totalCount],
    ['database_connections_idle', 'Connections that nobody uses', () => pool.idleCount],
    ['database_requests_waiting', 'Work that waits for a connection', () => pool.waitingCount],
  ] as const
  for (const [name, help, read] of counts)
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read())
      },
    })
  return database
}
