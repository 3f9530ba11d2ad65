import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import type { ApiAnswer, ApiRequest, ElasticsearchApi } from './api.ts'

/** What came over the network, as the API wants it. */
export async function readRequest(request: IncomingMessage): Promise<ApiRequest> {
  const body = await text(request)
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://elasticsearch')
  const { method = 'GET', headers } = request
  return { method, path: decodeURIComponent(pathname), parameters: searchParams, headers, body }
}

export function sendAnswer(response: ServerResponse, { status, headers, body }: ApiAnswer): void {
  response.writeHead(status, headers).end(JSON.stringify(body))
}

/** What nobody foresaw is an error of ours, and ends nothing but its own request. */
export function answerOver(api: ElasticsearchApi): RequestListener {
  return (request, response) => {
    readRequest(request)
      .then((asked) => sendAnswer(response, api.answer(asked)))
      .catch((error: unknown) => response.writeHead(500).end(String(error)))
  }
}
