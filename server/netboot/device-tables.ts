import { type DeviceTable, makeDeviceTable } from './device-table.ts';
import type { NetbootDevices } from './snapshot.ts';

/** The table that decides now, and the one that is being made to follow it. */
export interface DeviceTables {
  readonly now: () => DeviceTable;
  readonly change: (change: NetbootDevices) => void;
  /** The table that was being made decides from now on. */
  readonly swap: () => void;
}

/** Makes an empty table, and none to follow. */
export function makeDeviceTables(): DeviceTables {
  let now = makeDeviceTable();
  let next: DeviceTable | undefined;
  return {
    now: () => now,
    change({ to, devices, gone }) {
      if (to === 'first') next = makeDeviceTable();
      const tables = to === 'now' ? [now, ...(next === undefined ? [] : [next])] : [next ?? now];
      for (const table of tables) {
        for (const device of devices) table.put(device);
        for (const id of gone) table.remove(id);
      }
    },
    swap() {
      now = next ?? now;
      next = undefined;
    },
  };
}
