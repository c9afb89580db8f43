import type { DiskCapability, ImageCapability } from '../../sequence/platform.ts';
import { StepError } from '../../sequence/step-error.ts';
import type { WindowsMachineParts } from './parts.ts';

/** Images on a Windows machine. */
export function windowsImage(
  _parts: WindowsMachineParts,
  _with: { readonly disk: DiskCapability },
): ImageCapability {
  return {
    // oxlint-disable-next-line require-yield -- it refuses before anything can be told
    async *apply() {
      throw new StepError('agent.platform', 'this agent applies no images in Windows yet');
    },
  };
}
