import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkMediaFiles, readMediaManifest, withoutBootInfo } from './check-files.ts';
import { formatMediaManifest, mediaPaths } from './manifest.ts';
import { testSigner } from './signify.testing.ts';

const signer = testSigner();
const signal = new AbortController().signal;
const content: Readonly<Record<string, Uint8Array>> = {
  'metalwright/media.json': Buffer.from('{}'),
  'boot/bios.img': withoutBootInfo(Buffer.alloc(4096, 7)),
  'boot/vmlinuz': Buffer.alloc(3_000_000, 1),
  'content/ab/empty': Buffer.alloc(0),
};
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'media-check-'));
});
afterAll(async () => rm(folder, { recursive: true }));

async function lay(sign = signer): Promise<void> {
  for (const [path, bytes] of Object.entries(content)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
  const files = Object.entries(content).map(([path, bytes]) => ({
    path,
    sizeBytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  }));
  const manifest = formatMediaManifest(files);
  await writeFile(join(folder, mediaPaths.manifest), manifest);
  await writeFile(join(folder, mediaPaths.signature), sign.sign(Buffer.from(manifest)));
}

async function check(): Promise<number> {
  let done = 0;
  const files = await readMediaManifest(folder, signer.publicKey);
  for await (const { doneBytes } of checkMediaFiles(folder, files, signal)) done = doneBytes;
  return done;
}

const refused = (code: string, names: string) =>
  expect.objectContaining({ name: 'MediaError', code, message: expect.stringContaining(names) });

describe('M41 media are checked, byte by byte', () => {
  it('and are good as they were made, wherever on the disc the loader for BIOS lies', async () => {
    await lay();
    expect(await check()).toBe(3_004_098);
    const bios = await readFile(join(folder, mediaPaths.biosImage));
    bios.fill(99, 8, 64).fill(98, 2548, 2556);
    await writeFile(join(folder, mediaPaths.biosImage), bios);
    await expect(check()).resolves.toBe(3_004_098);
  });

  it.each([
    { path: 'boot/vmlinuz', at: 0 },
    { path: 'boot/vmlinuz', at: 2_999_999 },
    { path: 'boot/vmlinuz', at: 1_048_576 },
    { path: 'boot/bios.img', at: 7 },
    { path: 'boot/bios.img', at: 64 },
    { path: 'metalwright/media.json', at: 1 },
  ])('a changed byte at $at of $path is found and named', async ({ path, at }) => {
    await lay();
    const bytes = await readFile(join(folder, path));
    bytes[at] = (bytes[at] ?? 0) ^ 0x10;
    await writeFile(join(folder, path), bytes);
    await expect(check()).rejects.toEqual(refused('media.damaged', path));
  });

  it('a file that was cut or is away is named', async () => {
    await lay();
    await truncate(join(folder, 'boot/vmlinuz'), 2_000_000);
    await expect(check()).rejects.toEqual(refused('media.damaged', 'boot/vmlinuz'));
    await rm(join(folder, 'boot/vmlinuz'));
    await expect(check()).rejects.toEqual(refused('media.missing-file', 'boot/vmlinuz'));
  });

  it('a manifest that was changed, or that another site signed, is not believed', async () => {
    await lay();
    const manifest = join(folder, mediaPaths.manifest);
    await writeFile(manifest, (await readFile(manifest, 'utf8')).replace('vmlinuz', 'vmlinux'));
    await expect(check()).rejects.toEqual(refused('media.signature', mediaPaths.manifest));
    await lay(testSigner());
    await expect(check()).rejects.toEqual(refused('media.other-site', mediaPaths.manifest));
    await writeFile(join(folder, mediaPaths.signature), 'no signature\n');
    await expect(check()).rejects.toEqual(refused('media.signature', mediaPaths.manifest));
    await rm(join(folder, mediaPaths.signature));
    await expect(check()).rejects.toEqual(refused('media.missing-file', mediaPaths.signature));
  });
});
