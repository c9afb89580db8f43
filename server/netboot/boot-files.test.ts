import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { publishBootFiles } from './boot-files.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'metalwright-boot-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const site = {
  siteCa: 'SITE CA',
  signer: { publicKey: 'BOOT KEY', sign: (bytes: Uint8Array) => `signed ${bytes.length}` },
  bootPort: 8080,
  agentPort: 8443,
};
const names = ['shimx64.efi', 'grubx64.efi', 'vmlinuz', 'loader.img', 'rest.squashfs', 'manifest'];
const textOf = (file: { kind: string } | undefined) =>
  file !== undefined && 'bytes' in file && file.bytes instanceof Uint8Array
    ? Buffer.from(file.bytes).toString('latin1')
    : '';

it('says what to do when there is no boot image, or half of one', async () => {
  expect((await publishBootFiles({ ...site, directory: null })).image).toMatchObject({
    ready: false,
    detail: expect.stringContaining('--boot-images'),
  });
  await writeFile(join(directory, 'vmlinuz'), 'kernel');
  const half = await publishBootFiles({ ...site, directory });
  expect(half.files.size).toBe(0);
  expect(half.architectures.size).toBe(0);
  expect(half.image.detail).toContain('shimx64.efi');
  expect(half.image.detail).not.toContain('vmlinuz,');
});

it('serves the image with what only this site can add', async () => {
  for (const name of names) await writeFile(join(directory, name), name);
  const { files, architectures, image } = await publishBootFiles({ ...site, directory });
  expect(image.ready).toBe(true);
  expect([...architectures]).toEqual(['uefi-x64']);
  expect(files.get('shimx64.efi')).toMatchObject({ kind: 'file', sizeBytes: 11 });
  expect(files.get('linux-pe/x64/rest.squashfs')).toMatchObject({ kind: 'file' });
  expect(textOf(files.get('grub/grub.cfg'))).toContain('metalwright.boot-port=8080');
  expect(textOf(files.get('linux-pe/x64/manifest.sig'))).toBe('signed 8');
  const siteImage = textOf(files.get('site.img'));
  expect(siteImage.startsWith('070701')).toBe(true);
  expect(siteImage).toContain('etc/metalwright/site-ca.pem\0');
  expect(siteImage).toContain('BOOT KEY');
});

it('M50 boots a BIOS and UEFI HTTP Boot where iPXE is in the image', async () => {
  for (const name of [...names, 'undionly.kpxe', 'snponly.efi'])
    await writeFile(join(directory, name), name);
  const { files, architectures } = await publishBootFiles({ ...site, directory });
  expect([...architectures]).toEqual(['uefi-x64', 'bios', 'http-x64']);
  expect(textOf(files.get('ipxe/linux-pe.ipxe'))).toContain('metalwright.agent-port=8443');
});
