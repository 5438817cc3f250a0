import { join } from 'node:path'
import { run } from '#pipelines/local/process/run.ts'
import type { LocalShop } from '#services/e2e/harness/local-shop.ts'
import { copyTree, type TreeCopy } from '../planted/copy.ts'

/**
 * The next version of the shop, in a copy of the tree: `UserCheckoutAccepted` has a `giftNote`, which basket writes and nobody reads;
 * `OrderStockConfirmed` has a `warehouse`, which catalog writes and ordering reads. Both schemas are registered, as a deployment does first.
 * @throws CodedError `PATCH_STALE` when the tree has changed so much that the patch no longer applies
 */
export async function nextVersion(shop: LocalShop): Promise<TreeCopy> {
  const copy = copyTree()
  copy.apply(join(import.meta.dirname, 'next-version.patch'))
  const node = (program: string, ...args: string[]) =>
    run(process.execPath, [join(copy.folder, program), ...args], { cwd: copy.folder, env: { ...shop.env } })
  await node('schemas/generate/main.ts')
  await node('bin/commands.ts', 'schema', 'register', '--registry', registryOf(shop))
  return copy
}

function registryOf(shop: LocalShop): string {
  return `http://127.0.0.1:${shop.env.REGISTRY_PORT}/apis/ccompat/v7`
}
