import { type LookupAddress, lookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { CodedError } from '#pipelines/kernel/errors.ts'

/** Addresses that are not of the public internet (IANA special-purpose registries, RFC 6890), and those that lead to such by translation. */
const NOT_PUBLIC = new BlockList()
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  NOT_PUBLIC.addSubnet(network, bits, 'ipv4')
/** Of IPv6 only global unicast is public, and of that not what carries an IPv4 address (6to4, Teredo) or is for examples. */
const GLOBAL_UNICAST = new BlockList()
GLOBAL_UNICAST.addSubnet('2000::', 3, 'ipv6')
for (const [network, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  NOT_PUBLIC.addSubnet(network, bits, 'ipv6')

/** Whether an address belongs to the public internet. */
export function isPublic(address: string): boolean {
  const bare = address.replace(/%.*$/, '')
  switch (isIP(bare)) {
    case 4:
      return !NOT_PUBLIC.check(bare, 'ipv4')
    case 6:
      return GLOBAL_UNICAST.check(bare, 'ipv6') && !NOT_PUBLIC.check(bare, 'ipv6')
    default:
      return false
  }
}

/** Every address that a name has. */
export type Resolve = (name: string) => Promise<readonly LookupAddress[]>

const resolveByDns: Resolve = (name) =>
  new Promise((found, failed) =>
    lookup(name, { all: true, verbatim: true }, (error, addresses) => (error ? failed(error) : found(addresses))),
  )

export function refused(host: string): CodedError {
  return new CodedError(
    'WEBHOOK_ADDRESS_REFUSED',
    `${host} is not an address of the public internet: set ALERTS_ALLOW_PRIVATE=true if it is meant`,
  )
}

/**
 * A lookup for a connection that hands on public addresses only. It is what the connection itself resolves the name with, so the address that was looked at is the one
 * that is called: a name that answers otherwise the next time (DNS rebinding) gains nothing. One private address among several refuses all.
 */
export function publicLookup(resolve: Resolve = resolveByDns): LookupFunction {
  return (host, options, done) => {
    resolve(host).then(
      (addresses) => {
        const [first] = addresses
        if (!first || !addresses.every(({ address }) => isPublic(address))) done(refused(host), '', 0)
        else if (options.all) done(null, [...addresses])
        else done(null, first.address, first.family)
      },
      (error: NodeJS.ErrnoException) => done(error, '', 0),
    )
  }
}
