import type { ErrorBody } from '#agent/protocol/error.ts';

/** An answer that is not 2xx: `code`, `message` and `hint` of the server, and the problems it names. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string | undefined;
  readonly problems: ErrorBody['problems'];

  constructor(status: number, body: Partial<ErrorBody> | null) {
    super(typeof body?.message === 'string' ? body.message : `the server answered ${status}`);
    this.status = status;
    this.code = body?.code ?? 'console.answer';
    this.hint = body?.hint;
    this.problems = body?.problems;
  }
}

/** What is changed: the method of the call. */
export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/**
 * One call of the operators' API; `Answer` is a type of `server/http/api*.ts`. The session is the cookie; the
 * header is what no other site's page can send, so the server takes changes only with it.
 */
export async function call<Answer>(method: Method, path: string, body?: unknown): Promise<Answer> {
  const answer = await send(method, path, body);
  return (await valueOf(answer)) as Answer;
}

/** One page of a list, and where the next one is; null behind the last. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

/** Reads a page of a list; `next` of the answer is the path of the one behind it. */
export async function callPage<Item>(path: string): Promise<Page<Item>> {
  const answer = await send('GET', path);
  const items = (await valueOf(answer)) as Item[];
  const link = /<([^>]+)>;\s*rel="?next"?/.exec(answer.headers.get('link') ?? '')?.[1];
  return { items, next: link?.replace(/^.*?\/api\/v1/, '') ?? null };
}

/** What went wrong in one sentence or two: the message, and the hint where there is one. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const hint = error instanceof ApiError && error.hint !== undefined ? ` ${error.hint}.` : '';
  return `${error.message}.${hint}`.replaceAll('..', '.').replaceAll('?.', '?');
}

async function send(method: Method, path: string, body?: unknown): Promise<Response> {
  return await fetch(`/api/v1${path}`, {
    method,
    credentials: 'same-origin',
    headers: {
      'x-metalwright-console': '1',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function valueOf(answer: Response): Promise<unknown> {
  const value = parsed(await answer.text());
  if (!answer.ok) throw new ApiError(answer.status, value as Partial<ErrorBody> | null);
  return value;
}

function parsed(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return null;
  }
}
