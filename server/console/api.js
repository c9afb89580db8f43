/** An answer that is not 2xx: `code`, `message` and `hint` of the server. */
export class ApiError extends Error {
  constructor(status, body) {
    super(typeof body?.message === 'string' ? body.message : `the server answered ${status}`);
    this.status = status;
    this.code = body?.code ?? 'console.answer';
    this.hint = body?.hint;
  }
}

/**
 * One call of the operators' API. The session is the cookie; the header is what no other site's page
 * can send, so the server takes changes only with it.
 */
export async function call(method, path, body) {
  const answer = await fetch(`/api/v1${path}`, {
    method,
    credentials: 'same-origin',
    headers: {
      'x-metalwright-console': '1',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  let value = null;
  try {
    value = text === '' ? null : JSON.parse(text);
  } catch {
    value = null;
  }
  if (!answer.ok) throw new ApiError(answer.status, value);
  return value;
}
