import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { CHUNK_BYTES, type ContentObject, objectPath } from '../protocol/content.ts';
import type { VerifiedObject } from '../sequence/platform.ts';
import { StepError } from '../sequence/step.ts';
import type { DownloadRetry } from './download-retry.ts';
import type { FetchChunk } from './fetch-chunk.ts';
import { type SourceHealth, sourceHealth } from './source-health.ts';

/** Chunks held: what a reader goes back to, and what is read ahead. */
const CACHED_CHUNKS = 10;
const READ_AHEAD = 3;
/** Whoever has come so far into a chunk goes on; who looks at a header or a table at the end does not. */
const READS_ON_BYTES = CHUNK_BYTES / 8;
/** Times every source is asked for a chunk that comes damaged or is not there. */
const ROUNDS_DAMAGED = 3;
/** How long sources that do not answer are waited for. */
const UNREACHABLE_LIMIT_MS = 3600_000;
const LONGEST_WAIT_MS = 15_000;

/** A chunk may take so long from one source where there is another: 70 kB a second. */
const CHUNK_DEADLINE_MS = 60_000;

/** A source that has not what it should have. */
export interface SourceFault {
  readonly source: string;
  readonly sha256: ContentObject['sha256'];
  readonly code: string;
  readonly message: string;
}
/** Where an object comes from and how; `onBytes` counts what came over the wire and was right. */
export interface ObjectSources {
  /** Base URLs, the nearest first, as they are now. A source that failed goes to the end. */
  readonly sources: readonly string[] | (() => readonly string[]);
  readonly fetchChunk: FetchChunk;
  /** What of the object lies on this machine; it is verified as anything else. */
  readonly local?: (
    object: ContentObject,
    range: { readonly first: number; readonly last: number },
  ) => Promise<Uint8Array | undefined>;
  /** Shared by all objects of a run: which sources are away. */
  readonly health?: SourceHealth;
  /** Told of what a source has damaged, not at all, or answers wrongly. */
  readonly onFault?: (fault: SourceFault) => void;
  /** Asks where content is now, when no source could give it. */
  readonly refresh?: (signal: AbortSignal) => Promise<void>;
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
  const order = sourceOrder(options);
  const cache = new Map<number, HeldChunk>();
  /**
   * Buffers of chunks that are held no more. A new one each time would be cleared, mapped anew and be a
   * reason to collect garbage: at 150 MB/s a third of a processor.
   */
  const free: Uint8Array[] = [];

  const chunk = (index: number): HeldChunk => {
    const known = cache.get(index);
    if (known) {
      cache.delete(index);
      cache.set(index, known);
      return known;
    }
    // Most objects are small files of packages: those take no more than they have.
    const into = free.pop() ?? new Uint8Array(Math.min(CHUNK_BYTES, object.sizeBytes));
    const bytes = fetchVerified({ object, index, order, options, into }, signal);
    const held = { bytes, into };
    cache.set(index, held);
    // A chunk that could not be had is asked for anew by the next reader.
    bytes.catch(() => cache.delete(index));
    for (const [oldest, out] of cache) {
      if (cache.size <= CACHED_CHUNKS) break;
      cache.delete(oldest);
      // Whoever reads it has asked before this, and so copies before this.
      out.bytes.then(() => free.push(out.into)).catch(() => {});
    }
    return held;
  };
  /** Copies what a chunk has of a range. */
  const copy = async (index: number, from: number, into: Uint8Array): Promise<number> => {
    const data = await chunk(index).bytes;
    const part = data.subarray(from, Math.min(data.length, from + into.length));
    into.set(part);
    return part.length;
  };

  return {
    path: object.path,
    sizeBytes: object.sizeBytes,
    async read(offset, length, reading) {
      const end = Math.min(offset + length, object.sizeBytes);
      // Not cleared: every byte is written, or nothing is given.
      const bytes = Buffer.allocUnsafeSlow(Math.max(0, end - offset));
      for (let at = offset; at < end; ) {
        reading.throwIfAborted();
        const index = Math.floor(at / CHUNK_BYTES);
        const copied = copy(index, at - index * CHUNK_BYTES, bytes.subarray(at - offset));
        const readsOn = end - index * CHUNK_BYTES >= READS_ON_BYTES;
        const last = readsOn ? Math.min(index + READ_AHEAD, object.chunks.length - 1) : index;
        for (let ahead = index + 1; ahead <= last; ahead += 1) chunk(ahead);
        const count = await copied;
        if (count === 0)
          throw new StepError(
            'content.damaged',
            `${object.path}: the manifest has no chunk ${index}`,
          );
        at += count;
      }
      return bytes;
    },
  };
}

/** A chunk that is held, or under way. */
interface HeldChunk {
  readonly bytes: Promise<Uint8Array>;
  /** The buffer that was offered for it. */
  readonly into: Uint8Array;
}

/** Why no source gives the first byte of an object, each asked three times; undefined when one does. */
export async function whyNoByte(
  object: ContentObject,
  options: ObjectSources,
  signal: AbortSignal,
): Promise<string | undefined> {
  const order = sourceOrder(options);
  const reasons = new Map<string, string>();
  for (let round = 1; round <= ROUNDS_DAMAGED; round += 1) {
    if (round > 1) await wait((options.firstWaitMs ?? 500) * 2 * round, undefined, { signal });
    for (const source of order.now()) {
      const url = urlOf(source, object);
      try {
        await options.fetchChunk({ url, first: 0, last: 0, deadlineMs: CHUNK_DEADLINE_MS }, signal);
        order.worked(source);
        return undefined;
      } catch (error) {
        signal.throwIfAborted();
        const { code, message } = asFailure(error);
        reasons.set(source, message);
        options.onTrouble?.(`${code}: ${message}`);
        order.failed(source, code === 'content.unreachable');
        if (code !== 'content.unreachable')
          options.onFault?.({ source, sha256: object.sha256, code, message });
      }
    }
  }
  return [...reasons.values()].join('; ') || 'the server names no distribution point for it';
}

interface Wanted {
  readonly object: ContentObject;
  readonly index: number;
  /** Shared by all chunks of the object. */
  readonly order: SourceOrder;
  readonly options: ObjectSources;
  /** Where its bytes may be put. */
  readonly into?: Uint8Array | undefined;
}

async function fetchVerified(wanted: Wanted, signal: AbortSignal): Promise<Uint8Array> {
  const { object, index, order, options } = wanted;
  const there = await options.local?.(object, rangeOf(object, index));
  if (there !== undefined && isChunk(there, object, index)) return there;
  const started = performance.now();
  const { retry } = options;
  let waitMs = retry?.delayMs ?? options.firstWaitMs ?? 500;
  let failure = new StepError('content.missing', `${object.path} is on no distribution point`, {
    hint: 'Distribute the package to a distribution point that this machine reaches.',
    exitCode: 0x80040104,
  });
  for (let round = 1; ; round += 1) {
    let away = false;
    const sources = order.now();
    for (const [position, source] of sources.entries()) {
      const others = round === 1 && position < sources.length - 1;
      try {
        const bytes = await fetchFrom(source, wanted, { others }, signal);
        order.worked(source);
        return bytes;
      } catch (error) {
        signal.throwIfAborted();
        failure = asFailure(error);
        const isAway = failure.code === 'content.unreachable';
        away ||= isAway;
        const { code, message } = failure;
        options.onTrouble?.(`${code}: ${message}`);
        order.failed(source, isAway);
        if (!isAway) options.onFault?.({ source, sha256: object.sha256, code, message });
      }
    }
    const waited = performance.now() - started;
    const patient = away ? waited > UNREACHABLE_LIMIT_MS : round >= ROUNDS_DAMAGED;
    const giveUp = retry === undefined ? patient : round > retry.count;
    if (giveUp || (sources.length === 0 && options.refresh === undefined)) throw failure;
    options.onTrouble?.(`chunk ${index} of ${object.path} is asked for again in ${waitMs} ms`);
    await wait(waitMs, undefined, { signal });
    if (retry === undefined) waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    await options.refresh?.(signal);
  }
}

/** The sources of one object in the order to ask them in. */
interface SourceOrder {
  now(): string[];
  worked(source: string): void;
  failed(source: string, isAway: boolean): void;
}

function sourceOrder({ sources, health = sourceHealth() }: ObjectSources): SourceOrder {
  /** When a source last failed at this object, counted up: what is wrong with an object stays wrong. */
  const faults = new Map<string, number>();
  let count = 0;
  return {
    now() {
      const all = typeof sources === 'function' ? sources() : sources;
      const fault = (source: string): number => faults.get(source) ?? 0;
      return health.order(all).sort((one, other) => fault(one) - fault(other));
    },
    worked: (source) => health.worked(source),
    failed(source, isAway) {
      if (isAway) health.away(source);
      else faults.set(source, ++count);
    },
  };
}

async function fetchFrom(
  source: string,
  { object, index, options, into }: Wanted,
  { others }: { readonly others: boolean },
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { first, last } = rangeOf(object, index);
  const url = urlOf(source, object);
  const deadline = others ? { deadlineMs: CHUNK_DEADLINE_MS } : {};
  const bytes = await options.fetchChunk({ url, first, last, into, ...deadline }, signal);
  const digest = createHash('sha256').update(bytes).digest('hex');
  if (digest !== object.chunks[index])
    throw new StepError(
      'content.damaged',
      `chunk ${index} of ${object.path} (bytes ${first} to ${last}) from ${source} has SHA-256 ${digest.slice(0, 16)}…, the manifest says ${object.chunks[index]?.slice(0, 16) ?? 'nothing'}…`,
      {
        exitCode: 0x80091007,
        hint: 'The file on the distribution point is damaged: fill it again (metalwright dp sync).',
      },
    );
  options.onBytes?.(bytes.length);
  return bytes;
}

function rangeOf({ sizeBytes }: ContentObject, index: number): { first: number; last: number } {
  const first = index * CHUNK_BYTES;
  return { first, last: Math.min(first + CHUNK_BYTES, sizeBytes) - 1 };
}

function isChunk(bytes: Uint8Array, { chunks }: ContentObject, index: number): boolean {
  return createHash('sha256').update(bytes).digest('hex') === chunks[index];
}

function urlOf(source: string, { sha256 }: ContentObject): string {
  return `${source.replace(/\/$/, '')}${objectPath(sha256)}`;
}

function asFailure(error: unknown): StepError {
  if (error instanceof StepError) return error;
  return new StepError('content.unreachable', String(error), { cause: error });
}
