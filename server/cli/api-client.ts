import { readFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { Agent, type Dispatcher, request } from 'undici';
import { z } from 'zod';
import { SITE_SERVER_NAME } from '#agent/protocol/bootstrap.ts';
import { ErrorBody } from '#agent/protocol/error.ts';
import { MOST_ON_PAGE } from '../http/paging.ts';
import { CliError } from './cli-error.ts';

/** Where the server is, and what proves both sides. */
export interface ApiAddress {
  /** `https://localhost:7400` */
  readonly serverUrl: string;
  readonly tokenFile: string;
  /** PEM file with the site CA; the only CA that is trusted. */
  readonly caFile: string;
}

/** A body to send: a value as JSON, or bytes as they come. */
type RequestBody =
  | { readonly json: unknown }
  | { readonly stream: Readable; readonly sizeBytes: number };

/** The operators' API as commands use it; answers are parsed, errors are `CliError`. */
export interface ApiClient extends AsyncDisposable {
  call<Schema extends z.ZodType>(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    schema: Schema,
    body?: RequestBody,
  ): Promise<z.output<Schema>>;
  /** All items of a list that is answered page by page, in the longest pages. */
  list<Item extends z.ZodType>(path: string, item: Item): Promise<z.output<Item>[]>;
  /** Bytes as they come, for whoever checks them; `from`: from that byte on. */
  download(path: string, from?: number): Promise<Readable>;
}

/**
 * Opens a client of the operators' API.
 * @throws {CliError} `cli.no-server-data` when token or CA cannot be read
 */
export async function openApiClient(address: ApiAddress, signal: AbortSignal): Promise<ApiClient> {
  const [token, ca] = await Promise.all([
    readServerFile(address.tokenFile, 'the admin token', '--token-file'),
    readServerFile(address.caFile, "the site's CA certificate", '--data'),
  ]);
  const dispatcher = new Agent({
    // By the site's name: the console may have a certificate of its own for people's browsers.
    connect: { ca, servername: SITE_SERVER_NAME, checkServerIdentity: checkSiteIdentity },
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const base = `${address.serverUrl.replace(/\/+$/, '')}/api/v1`;
  const common = { token: token.trim(), dispatcher, signal };
  /** One call: what was answered, and where the next page of a list is. */
  async function ask<Schema extends z.ZodType>(
    method: Sending['method'],
    path: string,
    schema: Schema,
    body?: RequestBody,
  ): Promise<{ readonly value: z.output<Schema>; readonly next: string | null }> {
    const url = `${base}${path}`;
    const where = `${method} ${url}`;
    const answer = await send(url, { method, body, ...common });
    const value = parseJson(await textOf(answer, where));
    if (!isSuccess(answer)) throw errorFromAnswer(answer.statusCode, value, where);
    const parsed = schema.safeParse(value);
    if (parsed.success) return { value: parsed.data, next: nextPage(answer) };
    throw new CliError(
      'cli.answer',
      `the server's answer is not understood: ${parsed.error.message}`,
      {
        where,
        hint: 'use the metalwright command of the version the server has: metalwright status shows it',
      },
    );
  }
  return {
    async call(method, path, schema, body) {
      return (await ask(method, path, schema, body)).value;
    },
    async list(path, item) {
      const all: z.output<typeof item>[] = [];
      let page: string | null = `${path}${path.includes('?') ? '&' : '?'}limit=${MOST_ON_PAGE}`;
      while (page !== null) {
        const { value, next }: { value: z.output<typeof item>[]; next: string | null } = await ask(
          'GET',
          page,
          z.array(item),
        );
        all.push(...value);
        page = next;
      }
      return all;
    },
    async download(path, from = 0) {
      const url = `${base}${path}`;
      const answer = await send(url, { method: 'GET', body: undefined, from, ...common });
      if (answer.statusCode === (from === 0 ? 200 : 206)) return answer.body;
      const where = `GET ${url}`;
      throw errorFromAnswer(answer.statusCode, parseJson(await textOf(answer, where)), where);
    },
    async [Symbol.asyncDispose]() {
      await dispatcher.destroy();
    },
  };
}

/**
 * The certificate is issued by the pinned site CA. Its name may be the one asked for or the site's own
 * name: the server is often reached by an address that no certificate knows.
 */
function checkSiteIdentity(host: string, certificate: PeerCertificate): Error | undefined {
  const asked = checkServerIdentity(host, certificate);
  return asked === undefined ? undefined : checkServerIdentity(SITE_SERVER_NAME, certificate);
}

interface Sending {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly body: RequestBody | undefined;
  /** First byte of the answer that is wanted. */
  readonly from?: number;
  readonly token: string;
  readonly dispatcher: Agent;
  readonly signal: AbortSignal;
}

type Answer = Dispatcher.ResponseData;

function isSuccess({ statusCode }: Answer): boolean {
  return statusCode >= 200 && statusCode < 300;
}

/** Path of the next page of a list below the API's own; null behind the last one (RFC 8288). */
function nextPage({ headers }: Answer): string | null {
  const [, path] = /^<\/api\/v1(\/[^>]*)>; rel="next"$/.exec(String(headers['link'] ?? '')) ?? [];
  return path ?? null;
}

async function textOf(answer: Answer, where: string): Promise<string> {
  try {
    return await answer.body.text();
  } catch (error) {
    throw unreachable(error, where);
  }
}

async function send(url: string, sending: Sending): Promise<Answer> {
  const { method, body, from = 0, token, dispatcher, signal } = sending;
  const headers: Record<string, string> = { authorization: `Bearer ${token}` };
  if (from > 0) headers['range'] = `bytes=${from}-`;
  if (body !== undefined && 'json' in body) headers['content-type'] = 'application/json';
  if (body !== undefined && 'stream' in body) {
    headers['content-type'] = 'application/octet-stream';
    headers['content-length'] = String(body.sizeBytes);
  }
  try {
    return await request(url, {
      method,
      headers,
      dispatcher,
      signal,
      ...(body === undefined
        ? {}
        : { body: 'json' in body ? JSON.stringify(body.json) : body.stream }),
    });
  } catch (error) {
    if (signal.aborted) throw new CliError('cli.stopped', 'stopped before the server answered');
    // What was to be sent could not be read: nothing is wrong with the server.
    if (body !== undefined && 'stream' in body && body.stream.errored === error) throw error;
    throw unreachable(error, `${method} ${url}`);
  }
}

function unreachable(error: unknown, where: string): CliError {
  return new CliError('cli.unreachable', `no answer: ${causeText(error)}`, {
    where,
    hint: 'is `metalwright serve` running there? Name another server with --server, and its data directory with --data',
    cause: error,
  });
}

function errorFromAnswer(status: number, value: unknown, where: string): CliError {
  const body = ErrorBody.safeParse(value);
  if (!body.success) {
    return new CliError('cli.answer', `HTTP status ${status} without an error text`, {
      where,
      hint: 'is this a Metalwright server? --server names the console listener (port 7400 by default)',
    });
  }
  const { code, message, hint, problems = [] } = body.data;
  const more = hint === undefined ? {} : { hint };
  return new CliError(code, message, { where, problems, ...more });
}

function parseJson(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function causeText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const inner = error instanceof AggregateError ? error.errors[0] : error.cause;
  const detail = inner instanceof Error ? inner.message : '';
  return error.message !== '' ? error.message : detail || error.name;
}

async function readServerFile(path: string, what: string, option: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new CliError('cli.no-server-data', `cannot read ${what}: ${causeText(error)}`, {
      where: path,
      hint: `start the server once (metalwright serve writes it), or name it with ${option}`,
      cause: error,
    });
  }
}
