import { randomBytes } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MediaDescription } from '../description.ts';
import type { MediaPlan } from './lay-files.ts';

/** As the server names the agent of Linux PE. */
const AGENT = 'agent-linux-x64.zst';

/** A folder with files by the names that media are made of; none of them starts anything. */
export async function makeTestBootImage(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'media-boot-'));
  const sizes = { 'rest.squashfs': 300_000, 'media-bios.img': 40_960, 'media-mbr.img': 512 };
  const loaders = ['shimx64.efi', 'media-grubx64.efi', 'mmx64.efi'];
  const others = [...loaders, 'vmlinuz', 'loader.img', 'manifest', AGENT];
  for (const [name, bytes] of [
    ...Object.entries(sizes),
    ...others.map((each) => [each, 8192] as const),
  ])
    await writeFile(join(folder, name), randomBytes(bytes));
  return folder;
}

/** A plan of media, without a password, of what lies in that folder. */
export function testMediaPlan(
  bootImage: string,
  {
    description,
    ...parts
  }: Pick<MediaPlan, 'objects' | 'sign'> & { readonly description: Partial<MediaDescription> },
): MediaPlan {
  return {
    description: {
      format: 1,
      id: '6f9619ff-8b86-4d01-b42d-00c04fc964ff',
      kind: 'stand-alone',
      label: 'Bench, 7th floor',
      architecture: 'x64',
      madeMs: 1,
      madeBy: '0.1.0',
      site: 'ab'.repeat(32),
      validFromMs: null,
      validUntilMs: null,
      unknownComputers: false,
      servers: [],
      bootBase: null,
      password: false,
      ...description,
    },
    private: { kind: 'plain', text: '{}' },
    bootImage,
    siteImage: Buffer.from('site'),
    agent: join(bootImage, AGENT),
    ...parts,
  };
}
