import { type Dispatcher, request } from 'undici';
import { StepError } from '../sequence/step.ts';
import type { ContentAccount } from './content-account.ts';
import type { RangeConnections, WantedRange } from './range-connections.ts';

const ANSWER_TIMEOUT_MS = 20_000;
/** A plain address that leads to HTTPS, or to another server. */
const MAX_REDIRECTS = 3;
/** Of an answer with the whole file, how much is read and passed over. */
const MAX_SKIPPED_BYTES = 64 * 1024 * 1024;

/** Part of an object below a distribution point's base URL. `last` is inclusive, as in `Range`. */
interface ChunkRequest {
  readonly url: string;
  readonly first: number;
  readonly last: number;
  /** How long all of it may take, where another source could be asked. */
  readonly deadlineMs?: number;
  /** Where its bytes may be put; nobody else uses it until they are given or refused. */
  readonly into?: Uint8Array | undefined;
}
/** Fetches one chunk from one source; whether its bytes are right is not its question. */
export type FetchChunk = (chunk: ChunkRequest, signal: AbortSignal) => Promise<Uint8Array>;

/**
 * Fetches by HTTP range (RFC 9110, 14.2). Redirects are followed, also to HTTPS; a server that ignores ranges
 * is read up to the bytes that are wanted, where that is not far.
 *
 * Where the source asks for an account, those of the site are tried.
 *
 * @throws {StepError} what `ContentAccount.signIn` throws; `content.missing` for 404 and 410; `content.damaged` where the file ends too early;
 *   `content.answer` for what no distribution point may answer; else `content.unreachable`
 */
export function httpChunks(
  { dispatcher, ranges }: { readonly dispatcher: Dispatcher; readonly ranges: RangeConnections },
  account?: ContentAccount,
): FetchChunk {
  return async ({ url, first, last, deadlineMs, into: offered }, signal) => {
    const slow = deadlineMs === undefined ? undefined : AbortSignal.timeout(deadlineMs);
    const either = slow === undefined ? signal : AbortSignal.any([signal, slow]);
    const into = roomFor(last - first + 1, offered);
    try {
      // Whatever is not answered plainly is asked for again, in a way that knows the rest of HTTP.
      if (await ranges.fetch({ url, first, last, into }, either)) return into;
      let at = url;
      for (let redirects = 0; ; redirects += 1) {
        // Only the source that the server named gets an account: not where that sends us.
        const own = new URL(at).origin === new URL(url).origin ? account : undefined;
        const send = (authorization: string | undefined) =>
          request(at, {
            dispatcher,
            signal: either,
            headers: {
              range: `bytes=${first}-${last}`,
              'accept-encoding': 'identity',
              ...(authorization === undefined ? {} : { authorization }),
            },
            headersTimeout: ANSWER_TIMEOUT_MS,
            bodyTimeout: ANSWER_TIMEOUT_MS,
          });
        const refused = await send(own?.header(at));
        const answer =
          refused.statusCode === 401 && own !== undefined
            ? await signInAgain(own, { at, refused, send })
            : refused;
        const next = redirectOf(answer, at);
        if (next === undefined) return await readRange(answer, { url: at, first, last, into });
        await answer.body.dump();
        if (redirects === MAX_REDIRECTS)
          throw unfit(`${url} was redirected more than ${MAX_REDIRECTS} times`);
        at = next;
      }
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof StepError) throw error;
      if (slow?.aborted === true)
        throw new StepError('content.unreachable', `${url} took over ${deadlineMs} ms`);
      const reason = error instanceof Error ? error.message : String(error);
      throw new StepError('content.unreachable', `${url}: ${reason}`, { cause: error });
    }
  };
}

function roomFor(bytes: number, offered: Uint8Array | undefined): Uint8Array {
  return offered === undefined || offered.length < bytes
    ? new Uint8Array(bytes)
    : offered.subarray(0, bytes);
}

type Answer = Dispatcher.ResponseData;

/** @throws {StepError} `content.answer` where it leads away from the web */
function redirectOf({ statusCode, headers }: Answer, from: string): string | undefined {
  const { location } = headers;
  if (statusCode < 301 || statusCode > 308 || typeof location !== 'string') return undefined;
  if (!URL.canParse(location, from)) return undefined;
  const to = new URL(location, from);
  if (to.protocol === 'http:' || to.protocol === 'https:') return to.href;
  throw unfit(`${from} leads to ${to.href}`);
}

async function readRange(
  answer: Answer,
  { url, first, last, into: bytes }: WantedRange,
): Promise<Uint8Array> {
  const { statusCode: status, headers, body } = answer;
  const refuse = async (error: StepError): Promise<never> => {
    await body.dump();
    throw error;
  };
  if (status === 404 || status === 410)
    await refuse(new StepError('content.missing', `${url} was answered ${status}`));
  if (status === 416)
    await refuse(damaged(`${url} has no byte ${first}: the file there is too short`));
  if (status >= 500 || status === 408 || status === 429)
    await refuse(new StepError('content.unreachable', `${url} was answered ${status}`));
  if (status !== 206 && status !== 200) await refuse(unfit(`${url} was answered ${status}`));
  const coding = headers['content-encoding'];
  if (coding !== undefined && coding !== 'identity')
    await refuse(unfit(`${url} is sent as ${String(coding)}: no compression may be on there`));
  const range = status === 206 ? rangeOf(headers['content-range']) : undefined;
  if (range !== undefined && range.first !== first)
    await refuse(unfit(`${url} sent the file from byte ${range.first} on, asked for ${first}`));
  if (range !== undefined && range.last < last)
    await refuse(damaged(`${url} ends at byte ${range.last}: the file there is too short`));
  const skip = status === 206 ? 0 : first;
  if (skip > MAX_SKIPPED_BYTES)
    await refuse(
      unfit(`${url} sends the whole file where a part is asked for: it must take ranges`),
    );
  const wanted = last - first + 1;
  let seen = 0;
  for await (const part of body as AsyncIterable<Uint8Array>) {
    const from = Math.max(0, skip - seen);
    const at = Math.max(0, seen - skip);
    seen += part.length;
    if (from >= part.length) continue;
    bytes.set(part.subarray(from, from + wanted - at), at);
    // Whatever follows is not asked for: the connection is closed.
    if (seen - skip >= wanted) break;
  }
  if (seen - skip >= wanted) return bytes;
  const type = String(headers['content-type'] ?? 'no type');
  throw unfit(`${url} sent ${Math.max(0, seen - skip)} of ${wanted} bytes, as ${type}`);
}

/** `bytes 0-99/1234`; undefined where it is none: the hash decides then. */
function rangeOf(header: string | string[] | undefined) {
  const match = /^bytes (\d{1,15})-(\d{1,15})\//.exec(String(header));
  return match === null ? undefined : { first: Number(match[1]), last: Number(match[2]) };
}

function unfit(message: string): StepError {
  return new StepError('content.answer', message, {
    hint: 'Correct the configuration of that web server: docs/content.md has one.',
  });
}

function damaged(message: string): StepError {
  return new StepError('content.damaged', message, {
    exitCode: 0x80091007,
    hint: 'The file on the distribution point is damaged: fill it again (metalwright dp sync).',
  });
}

/** Asks once more, with the accounts of the site; each answer that is refused is read to its end. */
async function signInAgain(
  account: ContentAccount,
  {
    at,
    refused,
    send,
  }: {
    readonly at: string;
    readonly refused: Dispatcher.ResponseData;
    readonly send: (authorization: string) => Promise<Dispatcher.ResponseData>;
  },
): Promise<Dispatcher.ResponseData> {
  await refused.body.dump();
  return account.signIn(at, refused.headers['www-authenticate'], async (authorization) => {
    const answer = await send(authorization);
    if (answer.statusCode === 401) await answer.body.dump();
    return answer;
  });
}
