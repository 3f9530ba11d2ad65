import { registerHooks } from 'node:module'

// For every ES module it loads, Node reads the "exports" of that module's package anew. Drizzle's are 180 kB long and
// its modules a hundred and more: 150 MB and up to a second of every start. Its CommonJS build is the same code without that.

const drizzle = /^drizzle-orm(\/|$)/

registerHooks({
  resolve: (specifier, context, next) =>
    next(specifier, drizzle.test(specifier) ? { ...context, conditions: ['node', 'require'] } : context),
})
