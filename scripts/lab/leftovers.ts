import { detachLoopsBelow } from './loop-device.ts';
import { deleteStaleNamespaces } from './namespace.ts';
import { ARTIFACTS } from './run-scenario.ts';

/**
 * Deletes what a lab that was killed left on this host: namespaces with the processes in them, loop
 * devices of its disks. @throws {Error} `lab.root` when this is not root
 */
export async function deleteLeftovers(): Promise<void> {
  if (process.getuid?.() !== 0)
    throw new Error('lab.root: network namespaces and loop devices need root');
  const { deleted, othersRun } = await deleteStaleNamespaces();
  if (deleted.length > 0) console.log(`deleted what a killed lab left: ${deleted.join(', ')}`);
  if (!othersRun) await detachLoopsBelow(ARTIFACTS); // they may be the other lab's
}
