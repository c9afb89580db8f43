import type { MachineArchitecture } from '#agent/protocol/identity.ts';
import type { BootImageIdentity } from '#agent/protocol/policy.ts';
import { DEFAULT_MAX_RUN_MINUTES } from '#agent/sequence/document-heads.ts';
import type { BootWish } from '#boot/chain.ts';
import { type Fit, type FitMachine, fit, fitMachine } from '#boot/fit.ts';

/** One image that a task sequence leads to, as far as its package says. */
export interface LedToImage {
  /** `image 1 of Windows 11 (MW100002, version 3)`. */
  readonly name: string;
  readonly architecture: MachineArchitecture;
}
/** What of a task sequence decides whether and when it starts on a machine: its images, and its time. */
export interface SequenceImages {
  /** What it starts from. */
  readonly boot: BootWish['image'];
  /** The same with its architecture; null for Linux PE, and where the package does not say one. */
  readonly bootImage: LedToImage | null;
  /** OS images of all enabled steps whose packages say an architecture. */
  readonly osImages: readonly LedToImage[];
  /** Maximum allowed run time of the task sequence; 0 is none. */
  readonly maxRunMinutes: number;
}

/** Of a task sequence that starts from Linux PE and applies nothing. */
export const NO_IMAGES: SequenceImages = {
  boot: { kind: 'linux-pe' },
  bootImage: null,
  osImages: [],
  maxRunMinutes: DEFAULT_MAX_RUN_MINUTES,
};

/**
 * Whether a task sequence fits a machine (M43), found before anything of it runs. Its steps may choose between
 * images by conditions, which are answered at the machine: it is refused when none of its images fits, and
 * each step that writes looks again.
 */
export function fitSequence(machine: FitMachine, { bootImage, osImages }: SequenceImages): Fit {
  const possible = fitMachine(machine);
  if (possible.kind === 'refused') return possible;
  if (bootImage !== null) {
    const verdict = fit(machine, {
      kind: 'boot-image',
      ...bootImage,
      name: `its boot image ${bootImage.name}`,
    });
    if (verdict.kind === 'refused') return verdict;
  }
  const verdicts = osImages.map((image) => fit(machine, { kind: 'os-image', ...image }));
  const [first] = verdicts;
  return first === undefined || verdicts.some(({ kind }) => kind === 'fits')
    ? { kind: 'fits' }
    : first;
}

/**
 * Whether a task sequence may go on in the boot image that a machine was started from (M43): one for another
 * architecture than that of its own is refused, even where the machine starts both. @param started null where
 * the machine did not say
 */
export function fitStarted(
  started: BootImageIdentity | null,
  { bootImage }: Pick<SequenceImages, 'bootImage'>,
): Fit {
  if (started === null || bootImage === null || started.architecture === bootImage.architecture)
    return { kind: 'fits' };
  return {
    kind: 'refused',
    code: 'boot-image.architecture',
    reason: `its boot image ${bootImage.name} is for ${bootImage.architecture}; this machine was started from ${JSON.stringify(started.name)}, which is for ${started.architecture}`,
  };
}
