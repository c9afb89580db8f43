import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeTestBootImage } from '#media/build/media-plan.testing.ts';
import { checkMediaFiles, readMediaManifest } from '#media/check-files.ts';
import { openTestConsole } from '../http/routes/operator/test-console.ts';
import { openBootSigner } from '../trust/boot-signing.ts';
import { runHere } from './testing/run-here.ts';

it('M41 media are made as a folder, and saved into one that is there', async () => {
  const bootImageDirectory = await makeTestBootImage();
  await using site = await openTestConsole({ tls: true, bootImageDirectory });
  const server = ['--server', await site.listen(), '--data', site.dataDirectory];
  const stick = join(site.dataDirectory, 'stick');
  await mkdir(join(stick, 'System Volume Information'), { recursive: true });
  const words = ['create', 'bootable', '--label', 'Bench', '--form', 'folder', '--output', stick];
  const made = await runHere(['media', ...words, ...server]);
  expect(made.err).toBe('');
  expect(made.out).toContain(`saved as ${stick}`);

  const { publicKey: key } = await openBootSigner(site.dataDirectory);
  for await (const _ of checkMediaFiles(
    stick,
    await readMediaManifest(stick, key),
    new AbortController().signal,
  ));
  expect(await readdir(join(stick, 'EFI/BOOT'))).toContain('BOOTX64.EFI');
  const shown = await runHere(['media', 'show', 'Bench', ...server]);
  expect(shown.out).toContain('bootable, a folder');

  const again = await runHere(['media', 'download', 'Bench', '--output', stick, ...server]);
  expect(again).toMatchObject({ code: 1, err: expect.stringContaining('cli.file-exists') });
  const stored = join(
    site.dataDirectory,
    'media',
    (await readdir(join(site.dataDirectory, 'media')))[0] ?? '',
  );
  const kernel = join(stored, 'boot/vmlinuz');
  await writeFile(kernel, Buffer.alloc((await stat(kernel)).size));
  const other = join(site.dataDirectory, 'other');
  const damaged = await runHere(['media', 'download', 'Bench', '--output', other, ...server]);
  expect(damaged.err).toContain('cli.media-file');
  await expect(stat(join(other, 'metalwright/manifest'))).rejects.toThrow('ENOENT');
  const written = await runHere(['media', 'write', 'Bench', '--device', 'X', ...server]);
  expect(written.err).toContain('media.form');
  await rm(bootImageDirectory, { recursive: true });
});
