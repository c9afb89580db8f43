import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkMediaFiles, readMediaManifest } from '../check-files.ts';
import type { MediaKind } from '../description.ts';
import { objectPieces, PIECE_BYTES } from '../manifest.ts';
import { testSigner } from '../signify.testing.ts';
import { hashFile } from './hash-file.ts';
import type { MediaPlan } from './lay-files.ts';
import { makeMedia } from './make-media.ts';
import { makeTestBootImage, testMediaPlan } from './media-plan.testing.ts';

const run = promisify(execFile);
const signer = testSigner();
const signal = new AbortController().signal;
const object = randomBytes(5_000_000);
const sha256 = createHash('sha256').update(object).digest('hex');
let folder = '';
let bootImage = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "media 'make' "));
  bootImage = await makeTestBootImage();
  await writeFile(join(folder, 'object'), object);
});
afterAll(async () => {
  for (const each of [folder, bootImage]) await rm(each, { recursive: true });
});

function planOf(kind: MediaKind): MediaPlan {
  return testMediaPlan(bootImage, {
    description: { kind },
    objects: [{ sha256, sizeBytes: object.length, file: join(folder, 'object') }],
    sign: async (bytes) => signer.sign(bytes),
  });
}

const options = (name: string) => ({
  form: 'iso' as const,
  output: join(folder, name),
  work: join(folder, 'work'),
  onProgress: () => {},
  signal,
});

/** One that is cut, with no bytes on the disk. */
async function largeObject(): Promise<MediaPlan['objects'][number]> {
  const file = join(folder, 'large');
  await writeFile(file, '');
  await truncate(file, PIECE_BYTES + 5);
  return { sha256: 'ab'.repeat(32), sizeBytes: PIECE_BYTES + 5, file };
}

/** What an independent reader finds on the disc. */
async function extract(image: string): Promise<string> {
  const to = await mkdtemp(join(folder, 'out-'));
  await run('xorriso', ['-osirrox', 'on', '-indev', image, '-extract', '/', join(to, 'disc')]);
  await run('chmod', ['-R', 'u+w', to]);
  return join(to, 'disc');
}

async function check(disc: string): Promise<void> {
  const files = await readMediaManifest(disc, signer.publicKey);
  for await (const _ of checkMediaFiles(disc, files, signal));
}

describe('M41 an image of media', () => {
  it('has a loader for BIOS and for UEFI, as a disc and as a stick, and one partition to write to', async () => {
    await makeMedia(planOf('stand-alone'), options('one.iso'));
    const { stdout: disc } = await run('xorriso', [
      '-indev',
      join(folder, 'one.iso'),
      '-report_el_torito',
      'plain',
    ]);
    expect(disc).toMatch(/boot img : +1 +BIOS +y/);
    expect(disc).toMatch(/boot img : +2 +UEFI +y/);
    expect(disc).toContain('/boot/efi.img');
    const { stdout: table } = await run('sgdisk', ['-p', join(folder, 'one.iso')]);
    expect(table).toMatch(/ EF00 /);
    const { stdout: volume } = await run('isoinfo', ['-d', '-i', join(folder, 'one.iso')]);
    expect(volume).toContain('Volume id: BENCH_7TH_FLOOR');
    const partition = /Appended/.exec(table);
    expect(partition, table).not.toBeNull();
  });

  it('that only starts machines has none to write to', async () => {
    await makeMedia(planOf('bootable'), options('small.iso'));
    const { stdout: table } = await run('sgdisk', ['-p', join(folder, 'small.iso')]);
    expect(table).not.toContain('Appended');
    const [small, one] = await Promise.all(
      ['small.iso', 'one.iso'].map(async (name) => (await stat(join(folder, name))).size),
    );
    expect(one).toBeGreaterThan(small ?? 0);
  });

  it('read by another program is what its signed manifest says, also the object', async () => {
    const disc = await extract(join(folder, 'one.iso'));
    await check(disc);
    expect(await readFile(join(disc, 'content', sha256.slice(0, 2), sha256))).toEqual(object);
  });

  it('with one byte of any file changed names that file', async () => {
    const disc = await extract(join(folder, 'one.iso'));
    const files = await readMediaManifest(disc, signer.publicKey);
    for (const { path, sizeBytes } of files) {
      if (sizeBytes === 0) continue;
      const file = join(disc, path);
      const bytes = await readFile(file);
      const at = sizeBytes - 1;
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      await writeFile(file, bytes);
      await expect(check(disc), path).rejects.toMatchObject({
        code: 'media.damaged',
        message: expect.stringContaining(path),
      });
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      await writeFile(file, bytes);
    }
    await check(disc);
  });

  it('is not there when its making was cancelled or failed', async () => {
    const abort = new AbortController();
    const plan = planOf('bootable');
    const sign = async (bytes: Uint8Array): Promise<string> => {
      abort.abort();
      return signer.sign(bytes);
    };
    const making = makeMedia({ ...plan, sign }, { ...options('cut.iso'), signal: abort.signal });
    await expect(making).rejects.toThrow(/abort/i);
    const missing = { ...plan, objects: [{ sha256, sizeBytes: 1, file: join(folder, 'gone') }] };
    await expect(makeMedia(missing, options('cut.iso'))).rejects.toMatchObject({
      code: 'media.tool-failed',
    });
    const left = await readdir(folder);
    expect(left.filter((name) => name.startsWith('cut') || name === 'work')).toEqual([]);
  });

  it('has the hashes of a large object that were found while it was written; a folder takes them from there', async () => {
    const large = await largeObject();
    const plan = planOf('bootable');
    const wanted = { ...plan, objects: [...plan.objects, large] };
    const known = join(folder, 'pieces.json');
    const [whole, rest] = objectPieces(large.sha256, large.sizeBytes);
    const hashes = [
      await hashFile(large.file, signal, whole),
      await hashFile(large.file, signal, rest),
    ];
    await makeMedia(wanted, { ...options('large.iso'), known });
    const out = join(folder, 'large-out');
    const own = ['-extract', '/metalwright', join(out, 'metalwright')];
    await run('xorriso', ['-osirrox', 'on', '-indev', join(folder, 'large.iso'), ...own]);
    await rm(join(folder, 'large.iso'));
    const files = await readMediaManifest(out, signer.publicKey);
    const pieces = files.filter(({ path }) => path.includes(large.sha256));
    expect(pieces.map(({ sha256: hash }) => hash)).toEqual(hashes);
    expect(JSON.parse(await readFile(known, 'utf8'))).toEqual({ [large.sha256]: hashes });

    await makeMedia(wanted, { ...options('as-folder'), form: 'folder', known });
    const made = join(folder, 'as-folder');
    const listed = await readMediaManifest(made, signer.publicKey);
    expect(listed.filter(({ path }) => path.includes(large.sha256))).toEqual(pieces);
    // None that FAT32 cannot hold.
    const sizes = pieces.map(async ({ path }) => (await stat(join(made, path))).size);
    expect(await Promise.all(sizes)).toEqual([PIECE_BYTES, 5]);
    for await (const _ of checkMediaFiles(
      made,
      listed.filter((file) => file.path !== pieces[0]?.path),
      signal,
    ));
    expect(await readFile(join(made, 'content', sha256.slice(0, 2), sha256))).toEqual(object);
    expect(await readdir(join(made, 'EFI/BOOT'))).toContain('BOOTX64.EFI');
    await rm(made, { recursive: true });
  });

  it('is not begun where there is no room', async () => {
    const huge = { sha256, sizeBytes: 2 ** 52, file: join(folder, 'object') };
    const making = makeMedia({ ...planOf('bootable'), objects: [huge] }, options('huge.iso'));
    await expect(making).rejects.toMatchObject({ code: 'media.no-space' });
  });
});
