/** `node run.js PROGRAM ARGUMENTS`: a TypeScript program of ours, on a machine that may lack its Node and its packages. For npm scripts. */
import { launch } from './launch.js'

const [program, ...args] = process.argv.slice(2)
await launch(program, args)
