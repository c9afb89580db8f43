import type { Store } from '../../store/operations.ts';
import { makeDeviceTable } from '../device-table.ts';
import type { NetbootDevice, NetbootSnapshot } from '../snapshot.ts';

/** What the netboot worker would decide by now, with all records as the store has them. */
export async function wholeSnapshot(
  { netboot }: Pick<Store, 'netboot'>,
  frame: Parameters<Store['netboot']['frame']>[0],
): Promise<NetbootSnapshot & { readonly devices: readonly NetbootDevice[] }> {
  const table = makeDeviceTable();
  const made = await netboot.frame(frame);
  for (let after: string | null = ''; after !== null; ) {
    const slice = await netboot.slice({ after, nowMs: frame.nowMs });
    for (const device of slice.devices) table.put(device);
    ({ after } = slice);
  }
  return { ...made, byMac: table.byMac, byGuid: table.byGuid, devices: [...table.all()] };
}
