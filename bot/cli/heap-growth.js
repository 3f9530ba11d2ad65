import { setFlagsFromString } from 'node:v8'

// Left alone, V8 lets the heap grow to four times what is in use before it looks for garbage among what has lived a while, and
// most of what a storm of alerts leaves behind is such garbage: 300 MB of it beside 85 MB in use. Looking earlier costs no
// speed that could be measured. How large the young generation may grow, 128 MB if it is asked, Node takes on its command line
// alone: see `start` in package.json.
setFlagsFromString('--heap-growing-percent=60')
