import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openZip } from '../zip/read-zip.ts';
import { exportArchive } from './export-archive.ts';
import { importArchive } from './import-archive.ts';
import { ArchiveManifest } from './manifest.ts';
import { isOwnArchive } from './read-archive.ts';
import type { ExportSite } from './site.ts';
import { fakeExportSite, fakeImportSite, hashOf } from './test-fake-site.ts';
import { type NewEntry, writeZip } from './write-zip.ts';

const { signal } = new AbortController();
const text = `name: Install
steps:
  - step: Run
    type: run-command
    params: { commandLine: setup, package: { name: Tools } }
`;
const site = fakeExportSite(text, { 'setup.sh': 'echo ok\n'.repeat(50_000), empty: '' });
let directory: string;
let good: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'metalwright-bad-'));
  good = join(directory, 'good.zip');
  await make(site, good);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function make(from: ExportSite, file: string) {
  return await exportArchive(from, await from.sequences(), { file, scope: 'content', signal });
}
const take = (file: string, to = fakeImportSite()) =>
  importArchive(to, file, { onConflict: 'create', signal });

type Entries = Map<string, Uint8Array>;
const json = (bytes: Uint8Array | undefined) =>
  ArchiveManifest.parse(JSON.parse(new TextDecoder().decode(bytes)));
const bytesOf = (value: unknown) =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));

/** The good archive with something changed in it. */
async function changed(change: (entries: Entries) => unknown): Promise<string> {
  const entries: Entries = new Map();
  {
    await using zip = await openZip(good, good);
    for (const entry of zip.entries) entries.set(entry.name, await zip.read(entry));
  }
  change(entries);
  const file = join(directory, 'changed.zip');
  const all: NewEntry[] = [...entries].map(([name, bytes]) => ({ name, bytes }));
  await writeZip(file, all, signal);
  return file;
}
const manifest = (change: (value: ArchiveManifest) => unknown) => (entries: Entries) => {
  const value = json(entries.get('manifest.json'));
  entries.set('manifest.json', bytesOf(change(value)));
};
const sequence = (more: object) =>
  manifest((value) => ({
    ...value,
    sequences: value.sequences.map((each) => ({ ...each, ...more })),
  }));
/** A text that its manifest knows. */
const document = (written: string) => (entries: Entries) => {
  const bytes = bytesOf(written);
  entries.set('sequences/Install.yaml', bytes);
  sequence({ sizeBytes: bytes.length, sha256: hashOf(bytes) })(entries);
};
const objectOf = (entries: Entries) =>
  [...entries.keys()].find(
    (name) => name.startsWith('objects/') && (entries.get(name)?.length ?? 0) > 0,
  ) ?? '';

describe('M24 an archive that is not as it was made', () => {
  it('is told from others', async () => {
    expect(await isOwnArchive(good)).toBe(true);
    expect(await isOwnArchive(directory)).toBe(false);
    expect(await isOwnArchive(join(directory, 'none'))).toBe(false);
    const xml = await changed((entries) => entries.set('Manifest.xml', bytesOf('<a/>')));
    expect(await isOwnArchive(xml)).toBe(false);
    expect((await take(good)).sequences).toMatchObject([{ what: 'create' }]);
  });

  it.each([
    {
      what: 'another text',
      change: (entries: Entries) => entries.set('sequences/Install.yaml', bytesOf(`${text}# x`)),
      error: { code: 'archive.hash', message: /changed\.zip: sequences\/Install\.yaml/ },
    },
    {
      what: 'other bytes of the same length in an object',
      change: (entries: Entries) => {
        const name = objectOf(entries);
        const bytes = Uint8Array.from(entries.get(name) ?? []);
        bytes[77] = 0;
        entries.set(name, bytes);
      },
      error: { code: 'archive.hash', message: /objects\/[0-9a-f]{64} does not have the SHA-256/ },
    },
    {
      what: 'a longer object',
      change: (entries: Entries) => entries.set(objectOf(entries), new Uint8Array(500_000)),
      error: { code: 'archive.hash', message: /has 500000 bytes, and is to have 400000/ },
    },
    {
      what: 'no object',
      change: (entries: Entries) => entries.delete(objectOf(entries)),
      error: { code: 'archive.entry', message: /objects\/[0-9a-f]{64}: is not in the archive/ },
    },
    {
      what: 'no text',
      change: (entries: Entries) => entries.delete('sequences/Install.yaml'),
      error: { code: 'archive.entry', message: /sequences\/Install\.yaml/ },
    },
    {
      what: 'no manifest',
      change: (entries: Entries) => entries.delete('manifest.json'),
      error: { code: 'archive.entry', message: /manifest\.json/ },
    },
    {
      what: 'a manifest of something else',
      change: (entries: Entries) => entries.set('manifest.json', bytesOf('{"format": "other"}')),
      error: { code: 'archive.manifest', message: /manifest\.json: is not understood.*format/s },
    },
    {
      what: 'a manifest that is no UTF-8',
      change: (entries: Entries) => entries.set('manifest.json', new Uint8Array([0x22, 0xff])),
      error: { code: 'archive.manifest', message: /manifest\.json: is not understood/ },
    },
    {
      what: 'a newer format',
      change: manifest((value) => ({ ...value, formatVersion: 3, sequences: 'new' })),
      error: { code: 'archive.newer', message: /is of format 3, this version reads up to 2/ },
    },
    {
      what: 'two sequences of one name',
      change: manifest((value) => ({
        ...value,
        sequences: value.sequences.flatMap((each) => [each, { ...each, id: 'ABC00001' }]),
      })),
      error: { code: 'archive.manifest', message: /"sequence install" is in it twice/ },
    },
    {
      what: 'an entry that leads elsewhere',
      change: sequence({ file: '../../etc/passwd' }),
      error: { code: 'archive.entry', message: /\.\.\/\.\.\/etc\/passwd: is not in the archive/ },
    },
    {
      what: 'a text of another sequence',
      change: document(text.replace('Install', 'Other')),
      error: { code: 'archive.manifest', message: /Install\.yaml: is not called "Install"/ },
    },
    {
      what: 'a text that is no sequence',
      change: document('name: Install\nsteps:\n  - step: x\n    type: none\n'),
      error: { code: 'sequence.invalid', message: /Install\.yaml: .*\(line 4\)/ },
    },
    {
      what: 'a text that unfolds without end',
      change: document(
        `name: Install\nsteps: []\na: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: &d [*c, *c]\ne: &e [*d, *d]\nf: &f [*e, *e]\ng: [*f, *f]\n`,
      ),
      error: { code: 'sequence.text', message: /Install\.yaml: / },
    },
    {
      what: 'a text of 9 MB',
      change: document(`${text}# ${'x'.repeat(9 * 1024 * 1024)}\n`),
      error: { code: 'archive.size', message: /Install\.yaml has \d+ bytes, at most 8388608/ },
    },
    {
      what: 'a package of another id',
      change: (entries: Entries) => {
        const known = new TextDecoder().decode(entries.get('packages/MW100002/manifest.json'));
        const bytes = bytesOf(known.replace('MW100002', 'MW100003'));
        entries.set('packages/MW100002/manifest.json', bytes);
        manifest((value) => ({
          ...value,
          objects: value.objects.map((each) => ({
            ...each,
            manifest: { ...each.manifest, sizeBytes: bytes.length, sha256: hashOf(bytes) },
          })),
        }))(entries);
      },
      error: { code: 'archive.manifest', message: /packages\/MW100002\/manifest\.json/ },
    },
  ])('is refused with the place, and changes nothing: $what', async ({ change, error }) => {
    const to = fakeImportSite();
    const file = await changed(change);
    await expect(take(file, to)).rejects.toMatchObject({
      code: error.code,
      message: expect.stringMatching(error.message),
    });
    expect(to.kept).toEqual([]);
    // What was sent is what it was said to be.
    for (const [sha256, bytes] of to.sent) expect(hashOf(bytes)).toBe(sha256);
  });

  it('is refused, cut off anywhere', async () => {
    const bytes = await readFile(good);
    const file = join(directory, 'cut.zip');
    for (const share of [0, 0.01, 0.3, 0.9, 0.999]) {
      await writeFile(file, bytes.subarray(0, Math.floor(bytes.length * share)));
      const to = fakeImportSite();
      await expect(take(file, to)).rejects.toMatchObject({ code: 'import.zip-damaged' });
      expect([to.kept, to.sent.size]).toEqual([[], 0]);
    }
  });

  it('is refused or means the same, whatever byte of it is another', async () => {
    const small = join(directory, 'small.zip');
    await make(fakeExportSite(text, { a: 'b' }), small);
    const bytes = await readFile(small);
    const whole = fakeImportSite();
    await take(small, whole);
    const file = join(directory, 'fuzzed.zip');
    const change = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const other = Buffer.from(bytes);
        for (const [at, value] of changes) other[at] = value;
        await writeFile(file, other);
        const to = fakeImportSite();
        const failure: unknown = await take(file, to).then(
          () => undefined,
          (error: unknown) => error,
        );
        if (failure === undefined) {
          expect(to.kept[0]?.sequences[0]?.text).toBe(whole.kept[0]?.sequences[0]?.text);
          expect(to.sent).toEqual(whole.sent);
        } else {
          expect(failure).toMatchObject({ code: expect.stringMatching(/^[a-z]+\.[a-z-]+$/) });
          expect(to.kept).toEqual([]);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('M24 an export that fails', () => {
  it('leaves nothing behind when an object on the server is damaged', async () => {
    const damaged = { ...site, open: async () => Readable.from([Buffer.from('echo bad')]) };
    const file = join(directory, 'failed.zip');
    await expect(make(damaged, file)).rejects.toMatchObject({ code: 'archive.hash' });
    expect((await readdir(directory)).filter((name) => name.startsWith('failed'))).toEqual([]);
  });

  it('ends when it is stopped, and leaves the archive that was there', async () => {
    const stop = new AbortController();
    const endless = {
      ...site,
      open: async () => {
        stop.abort(new Error('stopped by hand'));
        return new Readable({ read() {} });
      },
    };
    const file = join(directory, 'stopped.zip');
    await writeFile(file, 'before');
    const options = { file, scope: 'content', signal: stop.signal } as const;
    await expect(exportArchive(endless, await site.sequences(), options)).rejects.toThrow();
    expect(await readFile(file, 'utf8')).toBe('before');
  });
});
