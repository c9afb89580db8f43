import type { ProviderFetch } from './provider-fetch.ts';

/** A key that the provider has taken back is known here for so long at most. */
const KEPT_MS = 5 * 60_000;

/** Which answers of the provider are about keys. */
interface KeyEndpoints {
  readonly keys: string | undefined;
  readonly token: string | undefined;
}

/** The provider's keys, kept between sign-ins. */
export interface KeyCache {
  /**
   * Requests of one sign-in: its keys come from the cache where that has the one that the token names. A key
   * that is new there is asked for at once (OpenID Connect Core, section 10.1.1).
   */
  around(fetch: ProviderFetch, endpoints: KeyEndpoints): ProviderFetch;
}

/** @param monotonicMs a clock that nobody sets */
export function createKeyCache(monotonicMs: () => number): KeyCache {
  let kept: { readonly text: string; readonly untilMs: number } | undefined;
  return {
    around(fetch, endpoints) {
      const isAt = (url: string, endpoint: string | undefined) =>
        endpoint !== undefined && URL.canParse(endpoint) && new URL(endpoint).href === url;
      let wanted: string | undefined;
      return async (url, options) => {
        const isKeys = isAt(url, endpoints.keys);
        if (isKeys && kept !== undefined && monotonicMs() < kept.untilMs && has(kept.text, wanted))
          return new Response(kept.text, { headers: { 'content-type': 'application/json' } });
        const answer = await fetch(url, options);
        if (isAt(url, endpoints.token)) wanted = keyIdOf(await answer.clone().text());
        if (isKeys && answer.status === 200)
          kept = { text: await answer.clone().text(), untilMs: monotonicMs() + KEPT_MS };
        return answer;
      };
    },
  };
}

function has(keySet: string, keyId: string | undefined): boolean {
  if (keyId === undefined) return false;
  const keys = member(parse(keySet), 'keys');
  return Array.isArray(keys) && keys.some((key: unknown) => member(key, 'kid') === keyId);
}

/** The `kid` in the header of the ID token of an answer; nothing of it is trusted. */
function keyIdOf(tokenAnswer: string): string | undefined {
  const token = member(parse(tokenAnswer), 'id_token');
  if (typeof token !== 'string') return undefined;
  const [header = ''] = token.split('.');
  const keyId = member(parse(Buffer.from(header, 'base64url').toString('utf8')), 'kid');
  return typeof keyId === 'string' ? keyId : undefined;
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? Reflect.get(value, key)
    : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
