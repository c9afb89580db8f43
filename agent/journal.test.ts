import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatHeader, formatRecord, parseJournal, RECORDS_AT } from './journal/format.ts';
import { JournalError } from './journal/journal-error.ts';
import { type JournalMedium, openFileMedium } from './journal/medium.ts';
import { Journal } from './journal.ts';
import { RunId } from './protocol/identity.ts';
import { type RunEvent, StepId } from './protocol/run-event.ts';

const runId = RunId.parse('6a1f0b52-9d2e-4d7c-8f6e-0a1b2c3d4e5f');
const header = {
  runId,
  machineKey: 'guid:4c4c4544-0042-3510-8052-b4c04f4a3132',
  resumeToken: 'token',
  siteFingerprint: 'f'.repeat(64),
};
const fact = (index: number, pad = 0): RunEvent['fact'] => ({
  kind: 'condition-answered',
  stepId: StepId.parse(`${index}`),
  verdict: true,
  detail: 'x'.repeat(pad),
});
const event = (seq: number, pad = 0): RunEvent => ({ runId, seq, atMs: seq, fact: fact(seq, pad) });

/** Bytes in memory, growing as a file does. */
function memoryMedium(capacityBytes = 64 * 1024): JournalMedium & { bytes: Uint8Array } {
  const bytes = new Uint8Array(capacityBytes);
  return {
    bytes,
    capacityBytes,
    read: async () => bytes.slice(),
    async write(offset, data) {
      bytes.set(data, offset);
    },
    sync: async () => {},
    close: async () => {},
  };
}

function journalBytes(pads: readonly number[], tail = 2048): Uint8Array {
  const records = pads.map((pad, index) => formatRecord([event(index + 1, pad)]));
  const parts = [formatHeader(header), formatHeader(header), ...records, new Uint8Array(tail)];
  return Buffer.concat(parts);
}

describe('M56 the journal on disk', () => {
  it('reads back what was appended, also after moving from memory', async () => {
    const medium = memoryMedium();
    const journal = new Journal(header);
    journal.append(fact(1), 10);
    await journal.sync();
    expect(journal.inMemory).toBe(true);
    await journal.moveTo(medium);
    journal.append(fact(2, 700), 20);
    await journal.sync();
    const parsed = parseJournal(medium.bytes);
    expect(parsed?.events).toEqual(journal.events);
    expect(parsed?.header).toEqual(header);
    if (!parsed) throw new Error('no journal');
    const reopened = Journal.reopen(parsed, medium);
    reopened.append(fact(3), 30);
    await reopened.sync();
    expect(parseJournal(medium.bytes)?.events.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  it('keeps an older journal in the same clusters from being read', () => {
    const other = RunId.parse('00000000-0000-4000-8000-000000000001');
    const stale = formatRecord([{ ...event(2), runId: other }]);
    const bytes = Buffer.concat([
      formatHeader(header),
      formatHeader(header),
      formatRecord([event(1)]),
      stale,
    ]);
    expect(parseJournal(bytes)?.events).toHaveLength(1);
  });

  it('says that there is none in a file of zeros, and that two broken headers are damage', () => {
    expect(parseJournal(new Uint8Array(RECORDS_AT + 4096))).toBeUndefined();
    const bytes = journalBytes([0]);
    bytes[40] = (bytes[40] ?? 0) ^ 1;
    expect(parseJournal(bytes)?.events).toHaveLength(1);
    bytes[4096 + 40] = (bytes[4096 + 40] ?? 0) ^ 1;
    expect(() => parseJournal(bytes)).toThrow(expect.objectContaining({ code: 'journal.damaged' }));
  });

  it('drops a torn last record, and calls damage before it by its name', () => {
    const bytes = journalBytes([0, 600, 0]);
    const third = RECORDS_AT + 512 + 1024;
    const torn = Uint8Array.from(bytes);
    torn.fill(0, third + 100, third + 512);
    expect(parseJournal(torn)?.events).toHaveLength(2);
    const damaged = Uint8Array.from(bytes);
    damaged.fill(0, RECORDS_AT + 512, RECORDS_AT + 1024);
    expect(() => parseJournal(damaged)).toThrow(
      expect.objectContaining({ code: 'journal.damaged' }),
    );
  });

  it('gives a prefix or the error for every truncation', () => {
    const bytes = journalBytes([0, 600, 30]);
    for (let length = 0; length <= bytes.length; length += 1)
      expectPrefix(bytes.subarray(0, length), 3);
  });

  it('gives a prefix or the error for a flipped bit at every offset', () => {
    const bytes = journalBytes([0, 40, 0], 512);
    for (let offset = 0; offset < bytes.length; offset += 1) {
      const bit = 1 << (offset % 8);
      bytes[offset] = (bytes[offset] ?? 0) ^ bit;
      expectPrefix(bytes, 3);
      bytes[offset] = (bytes[offset] ?? 0) ^ bit;
    }
  });

  it('gives a prefix or the error for any damage', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(1500), { maxLength: 6 }),
        fc.array(fc.tuple(fc.nat(20_000), fc.uint8Array({ minLength: 1, maxLength: 600 })), {
          maxLength: 3,
        }),
        (pads, hits) => {
          const bytes = journalBytes(pads);
          for (const [at, noise] of hits) {
            const offset = at % bytes.length;
            bytes.set(noise.subarray(0, bytes.length - offset), offset);
          }
          expectPrefix(bytes, pads.length);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('writes facts with nothing between them as one record, which is there wholly or not at all', () => {
    const batches = fc.array(
      fc.record({
        pads: fc.array(fc.nat(1200), { minLength: 1, maxLength: 4 }),
        // Which of the record's sectors come to the disk, in whatever order: undefined where all are synced.
        reached: fc.option(fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }), {
          nil: undefined,
        }),
      }),
      { minLength: 1, maxLength: 8 },
    );
    let partly = 0;
    return fc
      .assert(
        fc.asyncProperty(batches, async (batches) => {
          const medium = memoryMedium();
          let journal = new Journal(header);
          await journal.moveTo(medium);
          let synced: readonly RunEvent[] = [];
          // A torn record is written over by the next one: sectors of both may make the first one whole. What
          // it says is true all the same, as nothing was done since, for nothing was synced.
          let torn: (readonly RunEvent[])[] = [];
          for (const { pads, reached } of batches) {
            const before = medium.bytes.slice();
            for (const pad of pads) journal.append(fact(1, pad), 0);
            const whole = [...journal.events];
            await journal.sync();
            const isWhole = reached === undefined || !takeBack(medium.bytes, before, reached);
            if (!isWhole && reached.includes(true)) partly += 1;
            const parsed = parseJournal(medium.bytes);
            if (isWhole) expect(parsed?.events).toEqual(whole);
            else expect([synced, ...torn]).toContainEqual(parsed?.events);
            torn = isWhole ? [] : [...torn, whole];
            if (parsed === undefined) throw new Error('no journal');
            if (parsed.events.length > synced.length) torn = [];
            synced = parsed.events;
            if (reached !== undefined) journal = Journal.reopen(parsed, medium);
          }
        }),
        { numRuns: 150 },
      )
      .then(() => expect(partly).toBeGreaterThan(0));
  });

  it('syncs one after another, however many wish it at once', async () => {
    const medium = memoryMedium();
    const journal = new Journal(header);
    await journal.moveTo(medium);
    journal.append(fact(1), 0);
    const first = journal.sync();
    journal.append(fact(2, 900), 0);
    await Promise.all([first, journal.sync(), journal.sync()]);
    journal.append(fact(3), 0);
    await journal.sync();
    expect(parseJournal(medium.bytes)?.events).toEqual(journal.events);
  });

  it('is tried again after a write that failed, and leaves nothing out', async () => {
    const medium = memoryMedium();
    let broken = true;
    const journal = new Journal(header);
    await journal.moveTo({
      ...medium,
      async write(offset, bytes) {
        const isRecord = offset >= RECORDS_AT;
        await medium.write(offset, isRecord && broken ? bytes.subarray(0, 100) : bytes);
        if (isRecord && broken) throw new Error('EIO');
      },
    });
    journal.append(fact(1, 700), 0);
    await expect(journal.sync()).rejects.toThrow('EIO');
    expect(journal.syncedSeq).toBe(0);
    expect(parseJournal(medium.bytes)?.events).toEqual([]);
    broken = false;
    journal.append(fact(2), 0);
    await journal.sync();
    expect(parseJournal(medium.bytes)?.events).toEqual(journal.events);
  });

  it('refuses a step when the journal is nearly full, before it starts', async () => {
    const journal = new Journal(header);
    await journal.moveTo(memoryMedium(RECORDS_AT + 300 * 1024));
    journal.reserve();
    for (let index = 0; index < 50; index += 1) journal.append(fact(1, 1900), 0);
    await journal.sync();
    expect(() => journal.reserve()).toThrow(expect.objectContaining({ code: 'journal.full' }));
  });

  it('lives in a preallocated file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'metalwright-journal-'));
    try {
      const medium = await openFileMedium(join(folder, 'j'), { create: true });
      const journal = new Journal(header);
      journal.append(fact(1), 1);
      await journal.sync();
      await journal.moveTo(medium);
      journal.append(fact(2), 2);
      await journal.sync();
      await journal.leave();
      const again = await openFileMedium(join(folder, 'j'), { create: false });
      expect(parseJournal(await again.read())?.events).toEqual(journal.events);
      await again.close();
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

/** Puts back the sectors that did not come to the disk. Whether any byte is another one thereby. */
function takeBack(bytes: Uint8Array, before: Uint8Array, reached: readonly boolean[]): boolean {
  const changed = sectors(bytes).filter((at) => !isSame(bytes, before, at));
  const start = changed[0] ?? 0;
  const lost = changed.filter((at) => reached[(at - start) / SECTOR] !== true);
  for (const at of lost) bytes.set(before.subarray(at, at + SECTOR), at);
  return lost.length > 0;
}
const SECTOR = 512;
function sectors(bytes: Uint8Array): number[] {
  return Array.from({ length: bytes.length / SECTOR }, (_, index) => index * SECTOR);
}
function isSame(one: Uint8Array, other: Uint8Array, at: number): boolean {
  return Buffer.compare(one.subarray(at, at + SECTOR), other.subarray(at, at + SECTOR)) === 0;
}

function expectPrefix(bytes: Uint8Array, count: number): void {
  try {
    const parsed = parseJournal(bytes);
    const seqs = parsed?.events.map(({ seq }) => seq) ?? [];
    expect(seqs.length).toBeLessThanOrEqual(count);
    expect(seqs).toEqual(Array.from(seqs, (_, index) => index + 1));
  } catch (error) {
    if (!(error instanceof JournalError)) throw error;
  }
}
