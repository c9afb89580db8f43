import type { DiskCapability } from '../../../sequence/platform.ts';
import type { WindowsCapability } from '../../../sequence/windows-capability.ts';
import type { WindowsMachineParts } from '../parts.ts';
import { addDrivers } from './add-drivers.ts';
import { windowsDevices } from './devices.ts';

/** Drivers for a Windows that does not run, and the devices that they are for. */
export function windowsDrivers(
  { runTool, log, registry }: Pick<WindowsMachineParts, 'runTool' | 'log' | 'registry'>,
  {
    disk,
    facts,
  }: { readonly disk: Pick<DiskCapability, 'mount'>; readonly facts: WindowsCapability['facts'] },
): Pick<WindowsCapability, 'addDrivers' | 'devices'> {
  const architectureOf = async (volume: string, signal: AbortSignal) =>
    (await facts(volume, signal)).architecture;
  return {
    addDrivers: (request, signal) =>
      addDrivers({ runTool, disk, log, architectureOf }, request, signal),
    devices: (signal) => windowsDevices(registry, signal),
  };
}
