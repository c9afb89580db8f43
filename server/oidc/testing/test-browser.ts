import { Agent, request } from 'undici';

/** An answer as a browser gets it; redirects are not followed. */
interface Answer {
  readonly status: number;
  readonly text: string;
  readonly location: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** As much of a browser as signing in needs: it keeps cookies, and sends them. */
export interface TestBrowser extends AsyncDisposable {
  readonly cookies: Map<string, string>;
  /** `set-cookie` headers as they came. */
  readonly seen: string[];
  get(path: string): Promise<Answer>;
  post(path: string, body: unknown): Promise<Answer>;
  del(path: string): Promise<Answer>;
}

/** Opens one. @param base `https://127.0.0.1:<port>` of the console. @param ca the only CA it trusts */
export function openTestBrowser(base: () => string, ca: string): TestBrowser {
  const dispatcher = new Agent({ connect: { ca } });
  const cookies = new Map<string, string>();
  const seen: string[] = [];
  async function call(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown) {
    const answer = await request(new URL(path, base()), {
      method,
      dispatcher,
      headers: {
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        'x-metalwright-console': '1',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    });
    for (const line of [answer.headers['set-cookie'] ?? []].flat()) {
      seen.push(line);
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=');
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    const { location } = answer.headers;
    return {
      status: answer.statusCode,
      text: await answer.body.text(),
      location: typeof location === 'string' ? location : undefined,
      headers: answer.headers,
    };
  }
  return {
    cookies,
    seen,
    get: (path) => call('GET', path),
    post: (path, body) => call('POST', path, body),
    del: (path) => call('DELETE', path),
    [Symbol.asyncDispose]: () => dispatcher.destroy(),
  };
}
