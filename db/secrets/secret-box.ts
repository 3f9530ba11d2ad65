import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'

/** Seals texts for one place each: what was sealed for one row and field opens nowhere else. */
export interface SecretBox {
  seal(text: string, place: string): string
  /** Throws `Unsealable`, never answers something else than what was sealed. */
  open(sealed: string, place: string): string
  /** Sealed by a key that is being replaced. */
  isOutdated(sealed: string): boolean
}

/** The key is not the one it was sealed with, or somebody changed or moved what is stored. */
export class Unsealable extends Error {
  override readonly name = 'Unsealable'
}

const keyBytes = 32
const ivBytes = 12
const tagBytes = 16

/** AES-256-GCM. The first key seals; the others still open what they sealed before. */
export function secretBox(keys: readonly Uint8Array[]): SecretBox {
  const byId = new Map(keys.map((key) => [keyId(key), key]))
  const [newest] = keys
  if (!newest || keys.some((key) => key.length !== keyBytes))
    throw new Error(`a secret box needs keys of ${keyBytes} bytes`)
  const newestId = keyId(newest)
  return {
    seal: (text, place) => {
      const iv = randomBytes(ivBytes)
      const cipher = createCipheriv('aes-256-gcm', newest, iv, { authTagLength: tagBytes })
      cipher.setAAD(Buffer.from(place))
      const sealed = [iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]
      return `v1.${newestId}.${Buffer.concat(sealed).toString('base64url')}`
    },
    open: (sealed, place) => {
      const [version, id = '', body = ''] = sealed.split('.')
      const key = byId.get(id)
      if (version !== 'v1' || !key)
        throw new Unsealable(
          'It was sealed with a key that is not here: name that key in TOCSIN_SECRET_KEY, or enter the secret anew.',
        )
      return opened(Buffer.from(body, 'base64url'), key, place)
    },
    isOutdated: (sealed) => !sealed.startsWith(`v1.${newestId}.`),
  }
}

function opened(bytes: Buffer, key: Uint8Array, place: string): string {
  const changed = 'What is stored was changed or moved: enter the secret anew.'
  if (bytes.length < ivBytes + tagBytes) throw new Unsealable(changed)
  // Without authTagLength Node takes a tag of four bytes, which can be guessed.
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivBytes), {
    authTagLength: tagBytes,
  })
  decipher.setAAD(Buffer.from(place))
  decipher.setAuthTag(bytes.subarray(-tagBytes))
  try {
    return Buffer.concat([decipher.update(bytes.subarray(ivBytes, -tagBytes)), decipher.final()]).toString(
      'utf8',
    )
  } catch (error) {
    throw new Unsealable(changed, { cause: error })
  }
}

function keyId(key: Uint8Array): string {
  return createHash('sha256').update('tocsin key id').update(key).digest('hex').slice(0, 8)
}
