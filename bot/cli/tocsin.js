#!/usr/bin/env node
// Plain JavaScript, so that a Node too old to read TypeScript still gets as far as saying so.

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `Tocsin needs Node 22.18 or newer; this is ${process.versions.node}. Start it with "npm start", which brings its own Node on Linux, or install Node 24.`,
  )
  process.exit(1)
}

await import('./heap-growth.js')
await import('./commonjs-drizzle.js')
const { main } = await import('./main.ts')
await main(process.argv.slice(2), process.env)
