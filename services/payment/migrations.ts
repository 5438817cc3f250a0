/** Folders of SQL: this service's tables, and the simulated provider's memory, which stands in for a bank's. */
export const paymentMigrations: readonly string[] = [
  `${import.meta.dirname}/migrations`,
  `${import.meta.dirname}/provider/migrations`,
]
