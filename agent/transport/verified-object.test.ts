import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CHUNK_BYTES, ContentObject } from '../protocol/content.ts';
import { StepError } from '../sequence/step.ts';
import type { FetchChunk } from './fetch-chunk.ts';
import { sourceHealth } from './source-health.ts';
import { type ObjectSources, openVerified, type SourceFault } from './verified-object.ts';

const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const bytes = Buffer.alloc(3 * CHUNK_BYTES, 'metalwright ');
const object = ContentObject.parse({
  path: 'image.wim',
  sizeBytes: bytes.length,
  sha256: sha(bytes),
  chunks: [0, 1, 2].map((index) =>
    sha(bytes.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES)),
  ),
});
const { signal } = new AbortController();

/** A bench of sources, each with what it does; `asked` has every request as `source@chunk`. */
function bench(does: Readonly<Record<string, 'good' | 'damaged' | 'away' | 'missing'>>) {
  const now = { ms: 0 };
  const state = new Map(Object.entries(does));
  const asked: string[] = [];
  const faults: SourceFault[] = [];
  const deadlines: (number | undefined)[] = [];
  const fetchChunk: FetchChunk = async ({ url, first, last, deadlineMs }) => {
    const source = new URL(url).host;
    asked.push(`${source}@${first / CHUNK_BYTES}`);
    deadlines.push(deadlineMs);
    if (state.get(source) === 'away') throw new StepError('content.unreachable', 'away');
    if (state.get(source) === 'missing') throw new StepError('content.missing', '404');
    const part = Uint8Array.from(bytes.subarray(first, last + 1));
    if (state.get(source) === 'damaged') part[5] = 0;
    return part;
  };
  const health = sourceHealth(() => now.ms);
  const open = (more: Partial<ObjectSources> = {}) =>
    openVerified(
      object,
      {
        sources: Object.keys(does).map((name) => `http://${name}`),
        fetchChunk,
        health,
        onFault: (fault) => faults.push(fault),
        firstWaitMs: 1,
        ...more,
      },
      signal,
    );
  const read = async (from: ReturnType<typeof open>, chunk: number) => {
    const part = await from.read(chunk * CHUNK_BYTES, 100, signal);
    expect(Buffer.from(part)).toEqual(bytes.subarray(chunk * CHUNK_BYTES).subarray(0, 100));
  };
  return { asked, faults, deadlines, open, read, state, now };
}

describe('M52 an object from several sources', () => {
  it('comes from the nearest, and a chunk that is damaged there from the next, which is told once', async () => {
    const { asked, faults, open, read } = bench({ near: 'damaged', far: 'good' });
    await read(open(), 2);
    expect(asked).toEqual(['near@2', 'far@2']);
    expect(faults).toMatchObject([
      { source: 'http://near', sha256: object.sha256, code: 'content.damaged' },
    ]);
  });

  it('is asked of one that is away behind the others by all objects, until some time has passed', async () => {
    const { asked, faults, open, read, state, now } = bench({ near: 'away', far: 'good' });
    await read(open(), 2);
    expect(asked.splice(0)).toEqual(['near@2', 'far@2']);
    await read(open(), 2);
    expect(asked.splice(0)).toEqual(['far@2']);
    expect(faults).toEqual([]);
    state.set('near', 'good');
    now.ms += 16_000;
    await read(open(), 2);
    expect(asked.splice(0)).toEqual(['near@2']);
  });

  it('is waited for without end of time only at the last source', async () => {
    const { deadlines, open, read } = bench({ near: 'away', far: 'good' });
    await read(open(), 2);
    expect(deadlines).toEqual([60_000, undefined]);
  });

  it('is looked for where the server says that it is now', async () => {
    const { asked, open, read } = bench({ old: 'missing', fresh: 'good' });
    let sources = ['http://old'];
    const refresh = async () => {
      sources = ['http://fresh'];
    };
    await read(open({ sources: () => sources, refresh }), 2);
    expect(asked).toEqual(['old@2', 'fresh@2']);
  });

  it('fails with what the last source said when all are tried three times', async () => {
    const { asked, open } = bench({ near: 'damaged', far: 'missing' });
    const read = open().read(2 * CHUNK_BYTES, 1, signal);
    await expect(read).rejects.toMatchObject({ code: 'content.missing' });
    expect(asked.length).toBe(6);
  });
});

it('gives each reader its own bytes while buffers are used again', async () => {
  const count = 24;
  const chunkOf = (index: number) => Buffer.alloc(CHUNK_BYTES, index + 1);
  const large = ContentObject.parse({
    path: 'large.wim',
    sizeBytes: count * CHUNK_BYTES,
    sha256: sha(Buffer.alloc(0)),
    chunks: Array.from({ length: count }, (_, index) => sha(chunkOf(index))),
  });
  const buffers = new Set<ArrayBufferLike>();
  let fetched = 0;
  const fetchChunk: FetchChunk = async ({ first, into }) => {
    const index = first / CHUNK_BYTES;
    if (into === undefined) return chunkOf(index);
    buffers.add(into.buffer);
    fetched += 1;
    into.fill(index + 1, 0, CHUNK_BYTES / 2);
    await new Promise((resolve) => setTimeout(resolve, (index * 7) % 5));
    into.fill(index + 1, CHUNK_BYTES / 2);
    return into;
  };
  const faults: SourceFault[] = [];
  const onFault = (fault: SourceFault) => faults.push(fault);
  const opened = openVerified(large, { sources: ['http://one'], fetchChunk, onFault }, signal);
  // Several readers far from each other, so that what one has waited for is pushed out by the next.
  const places = Array.from({ length: count * 2 }, (_, n) => ((n * 17) % count) * CHUNK_BYTES);
  const readers = Array.from({ length: 16 }, async (_, reader) => {
    for (const at of places.slice(reader * 5, reader * 5 + 5)) {
      const part = await opened.read(at + 100, 1000, signal);
      expect(part.every((byte) => byte === at / CHUNK_BYTES + 1)).toBe(true);
    }
  });
  await Promise.all(readers);
  expect(faults).toEqual([]);
  expect(buffers.size).toBeLessThan(fetched / 2);
});

it('offers a small file no more room than it takes', async () => {
  const content = Buffer.from('driver.inf');
  const small = ContentObject.parse({
    path: 'driver.inf',
    sizeBytes: content.length,
    sha256: sha(content),
    chunks: [sha(content)],
  });
  const offered: (number | undefined)[] = [];
  const fetchChunk: FetchChunk = async ({ into }) => {
    offered.push(into?.length);
    return content;
  };
  const opened = openVerified(small, { sources: ['http://one'], fetchChunk }, signal);
  expect(Buffer.from(await opened.read(0, 100, signal))).toEqual(content);
  expect(offered).toEqual([content.length]);
});
