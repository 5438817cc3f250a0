import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Closable, closer, pause } from '#pipelines/kernel/lifecycle.ts'
import { kafkaLaunch } from '#pipelines/local/parts/kafka.ts'
import { freePorts } from '#pipelines/local/ports.ts'
import { startPart } from '#pipelines/local/process/launch.ts'
import { createLeash } from '#pipelines/local/process/leash.ts'
import { run } from '#pipelines/local/process/run.ts'

/** A Kafka of a test's own that lets in only who comes over TLS and logs in, beside a plain listener for the test itself. */
export interface SecuredKafka extends Closable {
  readonly securedBroker: string
  readonly plainBroker: string
  readonly username: string
  readonly password: string
  /** The certificate to trust, PEM. */
  readonly certificate: string
  /** Kills the broker and starts it anew over what it has on disk; away for `forMs` in between. */
  restart(forMs?: number): Promise<void>
  /** Stops it as a debugger would: connections stay open, and nothing is answered until it is let go on. */
  freeze(): () => void
}

export async function securedKafka(): Promise<SecuredKafka> {
  const open = closer()
  const leash = open.add(createLeash())
  const directory = await mkdtemp(join(tmpdir(), 'eshop-secured-kafka-'))
  leash.holdDirectory(directory)
  open.add({ close: () => rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }) })
  const { plain: port, controller: controllerPort, secured } = await freePorts('plain', 'controller', 'secured')
  const [username, password] = ['analytics', 'only-for-this-test']
  const [key, certificate, pem] = ['key.pem', 'certificate.pem', 'both.pem'].map((name) => join(directory, name))
  if (!key || !certificate || !pem) throw new TypeError('three files')
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', certificate],
    ...['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'],
  ])
  for (const part of [key, certificate]) await appendFile(pem, await readFile(part))

  const addresses = `PLAINTEXT://127.0.0.1:${port},SECURED://127.0.0.1:${secured}`
  const login = `org.apache.kafka.common.security.plain.PlainLoginModule required user_${username}="${password}";`
  const launch = await kafkaLaunch({
    directory,
    port,
    controllerPort,
    logFile: join(directory, 'kafka.log'),
    settings: {
      listeners: `${addresses},CONTROLLER://127.0.0.1:${controllerPort}`,
      'advertised.listeners': addresses,
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURED:SASL_SSL',
      'listener.name.secured.ssl.keystore.type': 'PEM',
      'listener.name.secured.ssl.keystore.location': pem,
      'listener.name.secured.sasl.enabled.mechanisms': 'PLAIN',
      'listener.name.secured.plain.sasl.jaas.config': login,
    },
  })
  let part = await startPart(launch, { limitMs: 120_000 })
  leash.holdProcess(part.pid)
  open.add({ close: () => part.close() })
  return {
    securedBroker: `127.0.0.1:${secured}`,
    plainBroker: `127.0.0.1:${port}`,
    username,
    password,
    certificate: await readFile(certificate, 'utf8'),
    async restart(forMs = 0) {
      process.kill(part.pid, 'SIGKILL')
      await part.exited
      await pause(forMs)
      part = await startPart(launch, { limitMs: 120_000 })
      leash.holdProcess(part.pid)
    },
    freeze() {
      const { pid } = part
      process.kill(pid, 'SIGSTOP')
      return () => void process.kill(pid, 'SIGCONT')
    },
    close: open.close,
  }
}
