import type { BootCapability, DiskCapability } from '../../sequence/platform.ts';
import { StepError } from '../../sequence/step-error.ts';
import type { WindowsMachineParts } from './parts.ts';

/** What a Windows machine starts from. */
export function windowsBoot(
  _parts: WindowsMachineParts,
  _with: { readonly disk: DiskCapability },
): BootCapability {
  return {
    async install() {
      throw new StepError('agent.platform', 'this agent makes nothing bootable in Windows yet');
    },
    bootable: async () => false,
  };
}
