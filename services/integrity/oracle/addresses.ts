/** Where the raw stores of a shop are. */
export interface Addresses {
  /** URL of one database of the PostgreSQL server. */
  readonly database: (name: string) => string
  /** `host:port`, comma-separated. */
  readonly brokers: string
  readonly registryUrl: string
  readonly clickhouseUrl: string
}
