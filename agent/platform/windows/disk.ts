import type { Disk, DiskCapability } from '../../sequence/platform.ts';
import { StepError } from '../../sequence/step-error.ts';
import type { WindowsMachineParts } from './parts.ts';

/**
 * Disks of a Windows machine.
 * @param hooks `beforeErase` is waited for before a disk is erased: the journal may lie on it
 */
export function windowsDisk(
  _parts: WindowsMachineParts,
  _hooks: { readonly beforeErase: (disk: Disk) => Promise<void> },
): DiskCapability {
  return { list: refuse, partition: refuse, flush: refuse, mount: refuse };
}

async function refuse(): Promise<never> {
  throw new StepError('agent.platform', 'this agent drives no disks in Windows yet');
}
