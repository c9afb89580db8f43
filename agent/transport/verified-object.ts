import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { CHUNK_BYTES, type ContentObject, objectPath } from '../protocol/content.ts';
import type { VerifiedObject } from '../sequence/platform.ts';
import { StepError } from '../sequence/step.ts';
import type { DownloadRetry } from './download-retry.ts';
import type { FetchChunk } from './fetch-chunk.ts';

/** Chunks held: what a reader goes back to, and what is read ahead. */
const CACHED_CHUNKS = 10;
const READ_AHEAD = 3;
/** Times every source is asked for a chunk that comes damaged or is not there. */
const ROUNDS_DAMAGED = 3;
/** How long sources that do not answer are waited for. */
const UNREACHABLE_LIMIT_MS = 3600_000;
const LONGEST_WAIT_MS = 15_000;

/** Where an object comes from and how; `onBytes` counts what came over the wire and was right. */
export interface ObjectSources {
  /** Base URLs, the nearest first. A source that failed goes to the end. */
  readonly sources: readonly string[];
  readonly fetchChunk: FetchChunk;
  readonly onBytes?: (bytes: number) => void;
  readonly onTrouble?: (trouble: string) => void;
  readonly firstWaitMs?: number;
  /** How often to ask again and when, where the sequence says so (SMSTSDownloadRetryCount, -Delay). */
  readonly retry?: DownloadRetry | undefined;
}

/**
 * Opens an object for reading anywhere. Each 4 MiB chunk is checked against the manifest before a byte
 * of it is given; a damaged one is fetched again from the next source. No source needs to be trusted.
 */
export function openVerified(
  object: ContentObject,
  options: ObjectSources,
  signal: AbortSignal,
): VerifiedObject {
  const order = [...options.sources];
  const cache = new Map<number, Promise<Uint8Array>>();

  const chunk = async (index: number): Promise<Uint8Array> => {
    const known = cache.get(index);
    if (known) {
      cache.delete(index);
      cache.set(index, known);
      return known;
    }
    const fetched = fetchVerified({ object, index, order, options }, signal);
    cache.set(index, fetched);
    // A chunk that could not be had is asked for anew by the next reader.
    fetched.catch(() => cache.delete(index));
    for (const oldest of cache.keys()) {
      if (cache.size <= CACHED_CHUNKS) break;
      cache.delete(oldest);
    }
    return fetched;
  };

  return {
    path: object.path,
    sizeBytes: object.sizeBytes,
    async read(offset, length, reading) {
      const end = Math.min(offset + length, object.sizeBytes);
      const bytes = new Uint8Array(Math.max(0, end - offset));
      for (let at = offset; at < end; ) {
        reading.throwIfAborted();
        const index = Math.floor(at / CHUNK_BYTES);
        const wanted = chunk(index);
        const last = Math.min(index + READ_AHEAD, object.chunks.length - 1);
        for (let ahead = index + 1; ahead <= last; ahead += 1) void chunk(ahead).catch(() => {});
        const data = await wanted;
        const within = at - index * CHUNK_BYTES;
        const part = data.subarray(within, Math.min(data.length, within + end - at));
        if (part.length === 0)
          throw new StepError(
            'content.damaged',
            `${object.path}: the manifest has no chunk ${index}`,
          );
        bytes.set(part, at - offset);
        at += part.length;
      }
      return bytes;
    },
  };
}

interface Wanted {
  readonly object: ContentObject;
  readonly index: number;
  /** Shared by all chunks of the object: the source that last worked is first. */
  readonly order: string[];
  readonly options: ObjectSources;
}

async function fetchVerified(wanted: Wanted, signal: AbortSignal): Promise<Uint8Array> {
  const { object, index, order, options } = wanted;
  const started = performance.now();
  const { retry } = options;
  let waitMs = retry?.delayMs ?? options.firstWaitMs ?? 500;
  let failure = new StepError('content.missing', `${object.path} is on no distribution point`, {
    hint: 'Distribute the package to a distribution point that this machine reaches.',
    exitCode: 0x80040104,
  });
  for (let round = 1; ; round += 1) {
    let away = false;
    for (const source of order.slice()) {
      try {
        return await fetchFrom(source, wanted, signal);
      } catch (error) {
        signal.throwIfAborted();
        failure = asFailure(error);
        away ||= failure.code === 'content.unreachable';
        options.onTrouble?.(`${failure.code}: ${failure.message}`);
        order.push(...order.splice(order.indexOf(source), 1));
      }
    }
    const waited = performance.now() - started;
    const patient = away ? waited > UNREACHABLE_LIMIT_MS : round >= ROUNDS_DAMAGED;
    const giveUp = retry === undefined ? patient : round > retry.count;
    if (giveUp || order.length === 0) throw failure;
    options.onTrouble?.(`chunk ${index} of ${object.path} is asked for again in ${waitMs} ms`);
    await wait(waitMs, undefined, { signal });
    if (retry === undefined) waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
  }
}

async function fetchFrom(source: string, wanted: Wanted, signal: AbortSignal): Promise<Uint8Array> {
  const { object, index, options } = wanted;
  const first = index * CHUNK_BYTES;
  const last = Math.min(first + CHUNK_BYTES, object.sizeBytes) - 1;
  const url = `${source.replace(/\/$/, '')}${objectPath(object.sha256)}`;
  const bytes = await options.fetchChunk({ url, first, last }, signal);
  const digest = createHash('sha256').update(bytes).digest('hex');
  if (digest !== object.chunks[index])
    throw new StepError(
      'content.damaged',
      `chunk ${index} of ${object.path} (bytes ${first} to ${last}) from ${source} has SHA-256 ${digest.slice(0, 16)}…, the manifest says ${object.chunks[index]?.slice(0, 16) ?? 'nothing'}…`,
      {
        exitCode: 0x80091007,
        hint: 'The file on the distribution point is damaged: distribute the package again.',
      },
    );
  options.onBytes?.(bytes.length);
  return bytes;
}

function asFailure(error: unknown): StepError {
  if (error instanceof StepError) return error;
  return new StepError('content.unreachable', String(error), { cause: error });
}
