import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { turnAway, turnAwayHost, type AccessOptions } from './access.ts'

/** Everything the page may load or do is named here; anything injected into it stays dead text. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ')

export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
}

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

interface Asset {
  readonly type: string
  readonly plain: Buffer
  readonly zipped: Buffer
}

/** Serves the built page from memory: a handful of files, so no request ever names a path on the disk. */
export function servePage(
  app: FastifyInstance,
  folder: string,
  options: Pick<AccessOptions, 'access' | 'publicUrl'>,
): void {
  const page = readAsset(join(folder, 'index.html'))
  const assets = new Map(
    readdirSync(join(folder, 'assets')).map((name) => [name, readAsset(join(folder, 'assets', name))]),
  )
  app.get('/', async (request, reply) => {
    const turned = turnAwayHost(request, options)
    if (turned) return turnAway(reply, turned)
    return send(request, reply.header('cache-control', 'no-store'), page)
  })
  app.get<{ Params: { name: string } }>('/assets/:name', async (request, reply) => {
    const asset = assets.get(request.params.name)
    if (!asset) return reply.code(404).send({ error: 'There is no such file. Reload the page.' })
    return send(request, reply.header('cache-control', 'public, max-age=31536000, immutable'), asset)
  })
}

function readAsset(path: string): Asset {
  const plain = readFileSync(path)
  return { type: contentTypes[extname(path)] ?? 'application/octet-stream', plain, zipped: gzipSync(plain) }
}

function send(request: FastifyRequest, reply: FastifyReply, { type, plain, zipped }: Asset): FastifyReply {
  const accepted = request.headers['accept-encoding'] ?? ''
  reply.type(type).header('vary', 'accept-encoding')
  return /\bgzip\b/.test(accepted) ? reply.header('content-encoding', 'gzip').send(zipped) : reply.send(plain)
}
