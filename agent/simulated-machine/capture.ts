import type {
  CaptureCapability,
  CaptureState,
  GeneralizeCapability,
  ImageToCapture,
} from '#agent/sequence/capture-capability.ts';
import type { VolumeId } from '#agent/sequence/platform.ts';

/** An image as it was captured. */
export interface CapturedWim {
  readonly file: string;
  readonly fileVolume: VolumeId | null;
  readonly images: readonly ImageToCapture[];
  removed?: boolean;
}

/** Captures that only note what they were asked for. */
export function simulatedCapture(
  tick: () => void,
  {
    captured,
    stateOf,
  }: {
    readonly captured: CapturedWim[];
    readonly stateOf: (volume: VolumeId) => CaptureState;
  },
): CaptureCapability {
  return {
    inspect: async (volume) => {
      tick();
      return stateOf(volume);
    },
    async *capture({ file, fileVolume, images }) {
      tick();
      yield { detail: file };
      tick();
      captured.push({ file, fileVolume, images });
      return { sizeBytes: 1000 };
    },
    size: async (file) => {
      tick();
      return captured.some((each) => each.file === file && each.removed !== true) ? 1000 : null;
    },
    remove: async (file) => {
      tick();
      for (const each of captured) if (each.file === file) each.removed = true;
    },
  };
}

/** Preparations that only note that they were made. */
export function simulatedGeneralize(
  tick: () => void,
  { prepared, systemRoot }: { readonly prepared: string[]; readonly systemRoot: string },
): GeneralizeCapability {
  return {
    forgetClient: async ({ uninstall }) => {
      tick();
      prepared.push(uninstall ? 'client uninstalled' : 'client forgotten');
      return ['The client is forgotten'];
    },
    async *generalize({ keepActivation }) {
      tick();
      yield { detail: 'Preparing' };
      tick();
      prepared.push(keepActivation ? 'generalized, activation kept' : 'generalized');
      return { systemRoot };
    },
  };
}
