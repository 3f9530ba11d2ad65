const longestLocal = 64
const longest = 254

/**
 * Why this is no address we write to, or undefined. Narrower than the RFCs on purpose: no quotes, comments, groups, line breaks or
 * lists, so that an address can never turn into another one or into two; and ASCII, so that none can look like another.
 */
export function emailAddressProblem(address: string): string | undefined {
  if (address.length > longest) return `An address has at most ${longest} characters.`
  if (/[^\x21-\x7e]/.test(address))
    return 'An address is plain ASCII without spaces or line breaks; write a name in another script as xn--.'
  const at = address.lastIndexOf('@')
  const [local, domain] = [address.slice(0, at), address.slice(at + 1)]
  if (
    at < 1 ||
    local.length > longestLocal ||
    !/^[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*$/.test(local)
  )
    return 'Write one address such as ops@example.org, without quotes or commas.'
  if (!/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(domain))
    return 'What follows the @ is no name of a mail domain.'
  return undefined
}
