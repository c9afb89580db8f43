import { randomBytes } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder with files by the names that media are made of; none of them starts anything. */
export async function makeTestBootImage(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'media-boot-'));
  const loaders = ['shimx64.efi', 'media-grubx64.efi', 'mmx64.efi', 'media-bios.img'];
  const rest = ['vmlinuz', 'loader.img', 'rest.squashfs', 'manifest', 'agent-linux-x64.zst'];
  for (const name of [...loaders, ...rest]) await writeFile(join(folder, name), randomBytes(8192));
  await writeFile(join(folder, 'media-mbr.img'), randomBytes(512));
  return folder;
}
