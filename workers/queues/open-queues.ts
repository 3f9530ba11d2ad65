import { type Closing, openQueue, openWorker, postgresStore, redisStore } from './backend.ts'
import { errorTeller } from './error-teller.ts'
import type { QueueHouse } from './queue.ts'

/** Redis when there is a URL for it, otherwise PostgreSQL. */
export async function openQueues(options: {
  redisUrl?: string
  postgresUrl: string
  /** Redis key prefix or PostgreSQL schema, so letters, digits and underscores. */
  prefix?: string
  /** Told of outages, which heal by themselves, and of jobs that failed for good. */
  onError: (error: Error, where: string) => void
}): Promise<QueueHouse> {
  const { redisUrl, postgresUrl, prefix = 'queue' } = options
  const errors = errorTeller(
    options.onError,
    redisUrl === undefined ? [postgresUrl] : [postgresUrl, redisUrl],
  )
  const store =
    redisUrl === undefined
      ? await postgresStore(postgresUrl, prefix, errors)
      : await redisStore(redisUrl, prefix, errors)
  const queues: Closing[] = []
  const workers: Closing[] = []
  return {
    kind: store.kind,
    open(definition) {
      const queue = openQueue(definition, store)
      queues.push(queue)
      return queue
    },
    async work(definition, handle) {
      const worker = await openWorker(definition, handle, store)
      workers.push(worker)
      return worker
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.close()))
      await Promise.all(queues.map((queue) => queue.close()))
      await store.close()
    },
  }
}
