#!/usr/bin/env node
/**
 * The way in, on a machine that has nothing but Node 20 and npm: brings the Node that the project runs on and its packages, when they
 * are missing or no longer fit, and hands over to commands.ts.
 */
if (Number(process.versions.node.split('.')[0]) < 20) {
  console.error(`eshop: Node ${process.versions.node} is too old: install Node 20 or newer (LTS is best)`)
  process.exit(1)
}
const { launch } = await import('./launcher/launch.js')
await launch('bin/commands.ts', process.argv.slice(2))
