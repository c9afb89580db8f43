import type { StepProgress } from '../../../sequence/platform.ts';
import type { WindowsMachineParts } from '../parts.ts';
import { runDism } from './run-dism.ts';

export interface DismApply {
  readonly image: string;
  readonly index: number;
  /** `W:\` */
  readonly target: string;
  /** For its log and its scratch files, on a volume with room. */
  readonly folder: string;
  readonly expectedBytes: number;
}

/** Errors that have a code of their own here; by HRESULT. */
const known: Readonly<Record<number, string>> = {
  0x80070070: 'image.too-large',
  0x8007000d: 'image.damaged',
  0x8007000b: 'image.unreadable',
  0x80070057: 'image.index',
  0x8007000e: 'image.memory',
  0x8007001d: 'image.write',
};

/** `dism /Apply-Image`, with its progress in bytes. What it did is for the caller to look at. @throws {StepError} `image.*` */
export async function* applyByDism(
  { image, index, target, folder, expectedBytes }: DismApply,
  parts: Pick<WindowsMachineParts, 'runTool'> & { readonly stallMs?: number },
  signal: AbortSignal,
): AsyncGenerator<StepProgress, void> {
  yield* runDism(
    {
      options: ['/Apply-Image', `/ImageFile:${image}`, `/Index:${index}`, `/ApplyDir:${target}`],
      folder,
      shown: (percent) => ({
        detail: 'Applying image',
        doneBytes: Math.floor((expectedBytes * percent) / 100),
        totalBytes: expectedBytes,
      }),
      codes: known,
      otherCode: 'image.failed',
      stalledCode: 'image.timeout',
    },
    parts,
    signal,
  );
}
