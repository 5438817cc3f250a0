/** Folders of SQL with this service's tables. */
export const basketMigrations: readonly string[] = [`${import.meta.dirname}/migrations`]
