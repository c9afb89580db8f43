import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { testBootImageFacts } from '#boot/boot-image-facts.testing.ts';
import { type ContentStore, openContentStore } from './content/store.ts';
import { openStore } from './store/open.ts';
import type { Store } from './store/operations.ts';
import { windowsPublisher } from './windows-publisher.ts';

let directory: string;
let store: Store;
let content: ContentStore;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'windows-publisher-'));
  store = await openStore(join(directory, 'site.sqlite'));
  content = await openContentStore(join(directory, 'content'));
});
afterEach(async () => {
  await content.close();
  await store.close();
  await rm(directory, { recursive: true });
});

async function add(
  kind: 'boot-image' | 'package',
  name: string,
  files: Readonly<Record<string, string>>,
) {
  const objects = [];
  for (const [path, text] of Object.entries(files))
    objects.push(await content.ingest(Readable.from([Buffer.from(text)]), path));
  return await store.packages.add({ kind, name, objects, images: [] }, 0);
}
const facts = testBootImageFacts({
  bios: null,
  revocationList: null,
  fonts: [],
  efiBootManagers: { '2011': 'efi/2011/bootmgfw.efi' },
});
const whole = {
  'boot-image.json': JSON.stringify(facts),
  'boot.wim': 'wim',
  'boot.sdi': 'sdi',
  'efi/2011/bootmgfw.efi': 'manager',
  'unattend.xml': 'not for everybody on the wire',
};

it('M50 serves the files that an image names, and no other of its package', async () => {
  const { id } = await add('boot-image', 'Bench PE', whole);
  const read = windowsPublisher(store, content);
  const { images, files, states, wimboot } = await read();
  expect(images).toMatchObject([{ id, name: 'Bench PE', version: 1, facts }]);
  expect([...files.keys()].sort()).toEqual([
    `windows-pe/${id}/boot.sdi`,
    `windows-pe/${id}/boot.wim`,
    `windows-pe/${id}/efi/2011/bootmgfw.efi`,
  ]);
  expect(wimboot).toBe(false);
  expect(states).toEqual([
    {
      name: 'Bench PE',
      architecture: 'x64',
      ready: true,
      detail: `Windows PE 10.0.26100.1 (${id}, version 1), UEFI with boot managers signed by 2011`,
    },
  ]);
});

it('M50 a package that is damaged costs only itself, and says what to do', async () => {
  const { id } = await add('boot-image', 'Cut off', { 'boot-image.json': '{"format":1' });
  const { id: empty } = await add('boot-image', 'Empty', { 'boot.wim': 'wim' });
  await add('boot-image', 'Whole', whole);
  const { images, states } = await windowsPublisher(store, content)();
  expect(images.map(({ name }) => name)).toEqual(['Whole']);
  expect(states.filter(({ ready }) => !ready).map(({ detail }) => detail)).toEqual([
    expect.stringMatching(new RegExp(`^${id}, version 1 cannot be served: .+ Add it again\\.$`)),
    `${empty}, version 1 cannot be served: it has no boot-image.json. Add it again.`,
  ]);
});

it('M50 answers the same until something changes, and a new version then', async () => {
  const read = windowsPublisher(store, content);
  await add('boot-image', 'Bench PE', whole);
  const first = await read();
  expect(await read()).toBe(first);
  await add('boot-image', 'Bench PE', { ...whole, 'boot.wim': 'newer' });
  const second = await read();
  expect(second.images).toMatchObject([{ version: 2 }]);
});

it('M50 has a script of iPXE for each image once iPXE and wimboot are there', async () => {
  const { id } = await add('boot-image', 'Bench PE', whole);
  const read = windowsPublisher(store, content);
  await read();
  const added = await add('package', 'iPXE and wimboot', { 'ipxe.efi': 'ipxe', wimboot: 'wb' });
  await store.settings.change({ wimboot: added.id });
  const { files, wimboot } = await read();
  expect(wimboot).toBe(true);
  expect(files.has('wimboot/ipxe.efi') && files.has('wimboot/wimboot')).toBe(true);
  const script = files.get(`windows-pe/${id}/boot.ipxe`);
  const text = script?.kind === 'bytes' ? Buffer.from(script.bytes).toString() : '';
  expect(text.split('\n').filter((line) => /^(kernel|initrd)/.test(line))).toEqual([
    'kernel /boot/wimboot/wimboot || goto failed',
    `initrd --name bootmgfw.efi /boot/windows-pe/${id}/efi/2011/bootmgfw.efi || goto failed`,
    `initrd --name boot.sdi /boot/windows-pe/${id}/boot.sdi || goto failed`,
    `initrd --name boot.wim /boot/windows-pe/${id}/boot.wim || goto failed`,
  ]);
});
