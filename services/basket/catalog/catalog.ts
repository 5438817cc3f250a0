import type { Product } from '../basket.ts'

export type CatalogAnswer =
  | { readonly outcome: 'found'; readonly product: Product }
  | { readonly outcome: 'discontinued'; readonly product: Product }
  | { readonly outcome: 'unknown' }

/** What basket asks of the catalog. */
export interface Catalog {
  /** @throws Unavailable `CATALOG_AWAY` without a usable answer in time */
  product(productId: string): Promise<CatalogAnswer>
}
