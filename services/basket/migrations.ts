import { idempotencyMigrations } from '#pipelines/http/idempotency.ts'

/** Folders of SQL, in the order they are applied. */
export const basketMigrations: readonly string[] = [idempotencyMigrations, `${import.meta.dirname}/migrations`]
