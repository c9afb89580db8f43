import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { ContentObject } from '#agent/protocol/content.ts';
import { PackageId } from '#agent/protocol/identity.ts';
import type { BootImageFacts } from '#boot/boot-image-facts.ts';
import { openContentStore } from '#server/content/store.ts';
import { openStore } from '#server/store/open.ts';

/** A boot image as it was put into the content: its files by their paths. */
export interface StandInImage {
  readonly id: string;
  readonly name: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** Boot managers by signer; all else is random, so that no two images have a byte in common. */
export interface StandInManagers {
  readonly '2011': string;
  readonly '2023': string;
}

/**
 * Puts boot images into the data directory of a server that is not running, made by hand: no Windows is needed
 * to see which machine gets which file.
 */
export async function addStandInImages(
  data: string,
  wanted: readonly {
    readonly id: string;
    readonly name: string;
    readonly managers: StandInManagers;
  }[],
): Promise<StandInImage[]> {
  const store = await openStore(join(data, 'metalwright.sqlite'));
  const content = await openContentStore(join(data, 'content'));
  try {
    const images: StandInImage[] = [];
    for (const { id, name, managers } of wanted) {
      const files = await standInFiles(managers);
      const objects: ContentObject[] = [];
      for (const [path, bytes] of files)
        objects.push(await content.ingest(Readable.from([bytes]), path));
      const packageId = PackageId.parse(id);
      const made = { kind: 'boot-image', name, packageId, objects, images: [] } as const;
      await store.packages.add({ ...made, objects, images: [] }, Date.now());
      images.push({ id, name, files });
    }
    return images;
  } finally {
    await content.close();
    await store.close();
  }
}

async function standInFiles(managers: StandInManagers): Promise<Map<string, Uint8Array>> {
  const facts: BootImageFacts = {
    format: 1,
    kind: 'winpe',
    architecture: 'x64',
    version: '10.0.26100.1',
    languages: ['en-US'],
    components: [],
    agentVersion: '0',
    drivers: [],
    wim: 'boot.wim',
    sdi: 'boot.sdi',
    efiBootManagers: { '2011': 'efi/2011/bootmgfw.efi', '2023': 'efi/2023/bootmgfw.efi' },
    revocationList: 'efi/boot.stl',
    bios: null,
    fonts: ['fonts/wgl4_boot.ttf'],
  };
  return new Map<string, Uint8Array>([
    ['boot-image.json', Buffer.from(JSON.stringify(facts))],
    ['efi/2011/bootmgfw.efi', await readFile(managers['2011'])],
    ['efi/2023/bootmgfw.efi', await readFile(managers['2023'])],
    ['efi/boot.stl', randomBytes(9_001)],
    ['fonts/wgl4_boot.ttf', randomBytes(47_452)],
    ['boot.sdi', randomBytes(3_170_304)],
    ['boot.wim', randomBytes(12_000_017)],
  ]);
}
