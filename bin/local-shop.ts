/**
 * Unless the environment says otherwise, a command means the local shop: fills in what is not set from the same settings that
 * `eshop up` reads (ports, folders).
 */
export async function meanLocalShop(): Promise<void> {
  const { readSettings } = await import('#pipelines/local/settings.ts')
  const { environmentOf } = await import('#pipelines/local/shop-environment.ts')
  const { common, tasks, analytics } = environmentOf(readSettings())
  for (const [name, value] of Object.entries({ ...common, ...tasks, ...analytics })) process.env[name] ??= value
}
