import { z } from 'zod'
import { isStorable } from '#engine/storable-text.ts'

/** What is shown in place of the rest of a URL, which may be a secret as a whole. */
export const maskedPath = '/<secret>'

/** Why no connection can lead there, or undefined. Whether the address behind the name is allowed is found out when it connects. */
export function outsideUrlProblem(text: string): string | undefined {
  if (text.length > 2000) return 'The URL is longer than 2,000 characters.'
  if (!isStorable(text)) return 'The URL holds a NUL or half a character: type it anew.'
  if (text.endsWith(maskedPath))
    return 'This is how the URL is shown, without what is secret: leave it out, or write all of it.'
  const url = URL.parse(text)
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    return 'Write a URL such as https://hooks.example.org/alerts.'
  if (url.username !== '' || url.password !== '')
    return 'The URL holds a user name or password: remove them, and use auth instead.'
  return undefined
}

/** A setting: an address of a vendor's that is no secret. */
export const outsideUrl = z
  .string({ error: 'Write a URL such as https://api.example.org.' })
  .superRefine((text, context) => {
    const problem = outsideUrlProblem(text)
    if (problem !== undefined) context.addIssue(problem)
  })

/** Scheme, name and port: who gets to see what is sent there. */
export function originOf(url: string): string | undefined {
  return URL.parse(url)?.origin
}
