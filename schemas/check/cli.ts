#!/usr/bin/env node
import module from 'node:module'

// Compiled code is kept between runs where Node can do it (from 22.1 on): most of a short check is start-up.
module.enableCompileCache?.()
await import('./main.ts')
