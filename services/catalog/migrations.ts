/** The folders of the catalog's tables. */
export const catalogMigrations = [`${import.meta.dirname}/migrations`]
