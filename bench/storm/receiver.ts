import { Worker } from 'node:worker_threads'
import type { ReceiverWord } from './receiver-thread.ts'
import type { HeardWebhook } from './webhook.ts'

/** Where the webhooks go: in a thread of its own, so that the sender delays no stamp. */
export interface Receiver {
  readonly url: string
  close(): Promise<void>
}

/** `hear` is told in the order of arrival, some time after it. */
export async function openReceiver(hear: (webhook: HeardWebhook) => void): Promise<Receiver> {
  const thread = new Worker(new URL('./receiver-thread.ts', import.meta.url))
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  thread.on('message', (word: ReceiverWord) => {
    if ('port' in word) resolve(word.port)
    else word.heard.forEach(hear)
  })
  // Once it listens, what goes wrong in there ends the run: its accounts would be worth nothing.
  thread.on('error', (error) => {
    reject(error)
    setImmediate(() => {
      throw new Error('the receiver of webhooks failed', { cause: error })
    })
  })
  return {
    url: `http://127.0.0.1:${await promise}/`,
    close: async () => void (await thread.terminate()),
  }
}
