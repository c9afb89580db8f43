import { readFile } from 'node:fs/promises';
import type { CustomFetchOptions } from 'openid-client';
import { Agent, request } from 'undici';
import { OidcError } from './oidc-error.ts';

/** Discovery documents and key sets have some ten kilobytes. */
const MOST_BYTES = 256 * 1024;
/** Statuses whose answers have no body (Fetch standard). */
const bodiless = new Set([204, 205, 304]);

/** Asks the provider, as openid-client wants to be served. */
export type ProviderFetch = (url: string, options: CustomFetchOptions) => Promise<Response>;

/** Requests to the provider: over TLS by its CA, following no redirect, with a bound of size and time. */
export interface ProviderRequests extends AsyncDisposable {
  readonly fetch: ProviderFetch;
}

/**
 * Opens them.
 *
 * @throws errors of the file system for the CA's file
 */
export async function openProviderRequests(
  caFile: string | null,
  timeoutMs: number,
): Promise<ProviderRequests> {
  const ca = caFile === null ? {} : { ca: await readFile(caFile, 'utf8') };
  const dispatcher = new Agent({
    connect: { timeout: timeoutMs, ...ca },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    maxHeaderSize: 32 * 1024,
  });
  return {
    async fetch(url, { method, headers, body, signal }) {
      // The token endpoint alone is sent something: a form.
      const sent = body instanceof URLSearchParams ? body.toString() : null;
      const answer = await request(url, {
        method: method === 'POST' ? 'POST' : 'GET',
        headers,
        body: sent,
        dispatcher,
        signal: signal ?? AbortSignal.timeout(timeoutMs),
      });
      const bytes = await readBounded(answer.body);
      const { 'content-type': type = '', date = '' } = answer.headers;
      return new Response(bodiless.has(answer.statusCode) ? null : bytes, {
        status: answer.statusCode,
        headers: { 'content-type': String(type), ...(date === '' ? {} : { date: String(date) }) },
      });
    },
    [Symbol.asyncDispose]: () => dispatcher.destroy(),
  };
}

async function readBounded(body: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop destroys the stream.
  for await (const part of body) {
    size += part.length;
    if (size > MOST_BYTES)
      throw new OidcError('oidc.provider', `The provider sends more than ${MOST_BYTES} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}
