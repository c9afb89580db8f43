import { formatStore } from '#boot/bcd/store.ts';
import { networkStore } from '#boot/bcd/windows-pe.ts';
import type { BootImageFacts } from '#boot/boot-image-facts.ts';
import { ramdiskPath, type WindowsBoot } from '#boot/windows-tree.ts';

/** FILETIME of 2020-01-01: equal stores are equal bytes, whenever they are asked for. */
const LAST_WRITTEN = 132_223_104_000_000_000n;

/** The boot configuration data of one boot: Windows PE from the files of its own image. */
export function networkBcd(
  { image, firmware, tftp }: WindowsBoot,
  { name, facts }: { readonly name: string; readonly facts: BootImageFacts },
): Uint8Array {
  const store = networkStore({
    firmware,
    tftp,
    wimPath: ramdiskPath(image, facts.wim),
    sdiPath: ramdiskPath(image, facts.sdi),
    description: name,
  });
  return formatStore(store, LAST_WRITTEN);
}
