import type { PackageId } from '#agent/protocol/identity.ts';
import type { BootImageFacts } from '#boot/boot-image-facts.ts';
import type { BootFileMap } from './snapshot.ts';

/** The newest version of a Windows PE boot image, as the network boot serves it. */
export interface WindowsBootImage {
  readonly id: PackageId;
  readonly name: string;
  readonly version: number;
  readonly facts: BootImageFacts;
  /** The package's objects by their paths, `boot.wim`, where they lie in the content. */
  readonly files: BootFileMap;
}
