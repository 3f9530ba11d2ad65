/**
 * A refusal in the two forms that clients of Alertmanager's API can read: what is decided about the content is told as
 * a plain JSON string, what never fitted the schema as `{ code, message }` with the codes of its OpenAPI runtime.
 */
export interface ApiRefusal {
  readonly status: 400 | 404 | 422
  /** Sent as JSON. */
  readonly body: string | { readonly code: number; readonly message: string }
}

export function refuse(because: string): ApiRefusal {
  return { status: 400, body: because }
}

export function notFound(because: string): ApiRefusal {
  return { status: 404, body: because }
}

/** Not JSON, or a value of the wrong type: nothing of the body is taken. */
export function refuseBody(what: string, because: string): ApiRefusal {
  return {
    status: 400,
    body: { code: 400, message: `parsing ${what} body from "" failed, because ${because}` },
  }
}

export function refuseMissing(path: string): ApiRefusal {
  return refuseSchema(602, `${path} in body is required`)
}

export function refuseFormat(path: string, format: string, found: string): ApiRefusal {
  return refuseSchema(601, `${path} must be of type ${format}: ${JSON.stringify(found.slice(0, 200))}`)
}

export function refuseSchema(code: number, message: string): ApiRefusal {
  return { status: 422, body: { code, message } }
}
