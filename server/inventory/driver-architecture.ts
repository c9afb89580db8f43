import type { ErrorProblem } from '#agent/protocol/error.ts';
import type { MachineArchitecture, PackageId } from '#agent/protocol/identity.ts';
import type { ContentReference } from '#agent/sequence/references.ts';
import type { LedToImage } from './sequence-images.ts';
import type { SequenceOutline } from './sequence-outline.ts';

/** A driver package that a step names, as far as its drivers were read. */
export interface NamedDrivers {
  readonly id: PackageId;
  readonly name: string;
  readonly architectures: readonly MachineArchitecture[];
}

/**
 * Driver packages none of whose drivers fits any OS image that the sequence applies (M43). What is not known of a
 * package, or of all images, is not told; which image a step finds is known at the machine. Pure.
 */
export function driverWarnings(
  outlines: readonly Pick<SequenceOutline, 'references'>[],
  images: readonly LedToImage[],
  find: (reference: ContentReference) => NamedDrivers | undefined,
): ErrorProblem[] {
  if (images.length === 0) return [];
  const wanted = new Set(images.map(({ architecture }) => architecture));
  return outlines.flatMap(({ references }) =>
    references.flatMap(({ kind, reference, path, step, field }) => {
      const drivers = kind === 'driver-package' ? find(reference) : undefined;
      const known = drivers?.architectures ?? [];
      if (drivers === undefined || known.length === 0) return [];
      if (known.some((each) => wanted.has(each))) return [];
      return [
        {
          code: 'driver.architecture',
          message: `Step "${step}" (${path}): the driver package "${drivers.name}" is for ${known.join(', ')}, and no image that is applied is: ${[...wanted].join(', ')}`,
          hint: 'Name a driver package for the architecture of the Windows.',
          path,
          step,
          field,
        },
      ];
    }),
  );
}
