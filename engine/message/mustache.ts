import Mustache from 'mustache'

const mostTemplates = 500

/** Mustache keeps what it read of every template it ever saw; whoever tries out thousands must not fill the memory with them. */
const known = new Map<string, string>()

Mustache.templateCache = {
  get: (template) => known.get(template),
  set: (template, read) => {
    if (known.size >= mostTemplates) known.clear()
    known.set(template, read)
  },
  clear: () => known.clear(),
}

export { Mustache }
