/**
 * Whether a Windows in a WIM could start on this machine, told before anything is written: by its boot managers, its
 * boot-start services and its INF files, and by what this machine is.
 */
import { isStorageController, missingBootDrivers } from '../../../drivers/boot-critical.ts';
import { type DriverFacts, driverFacts } from '../../../drivers/driver-facts.ts';
import { parseInf } from '../../../drivers/inf.ts';
import { InfError } from '../../../drivers/inf-error.ts';
import type { MachineArchitecture } from '../../../protocol/identity.ts';
import { StepError } from '../../../sequence/step.ts';
import type { HardwareDevice } from '../../../sequence/windows-capability.ts';
import {
  type BootFileSet,
  bootFileSets,
  bootManagerOf,
  chooseBootFiles,
} from '../../offline-windows/boot-file-set.ts';
import { bootServices } from '../../offline-windows/facts.ts';
import type { FirmwareTrust } from '../../offline-windows/firmware-trust.ts';
import { readHive } from '../../offline-windows/hive-file.ts';
import type { WimFiles } from './wim-files.ts';

export const SYSTEM_HIVE = '\\Windows\\System32\\config\\SYSTEM';
const INF_FOLDER = '\\Windows\\INF';

/** What is taken out of the image, as patterns. INF files of drivers in the store have copies in `\Windows\INF`. */
export const checkedFiles: readonly string[] = [
  SYSTEM_HIVE,
  ...bootFileSets.map((set) => bootManagerOf[set]),
  `${INF_FOLDER}\\*.inf`,
];

export interface CheckedMachine {
  readonly architecture: MachineArchitecture;
  readonly firmware: 'uefi' | 'bios';
  readonly trust: FirmwareTrust;
  readonly devices: readonly HardwareDevice[];
  /** Of each fixed disk: the names that sysfs has for what it hangs off, `0000:00:0e.0`. */
  readonly disks: readonly (readonly string[])[];
}

/** @throws {StepError} `windows.none`, `windows.hive*`, `windows.boot-files`, `windows.boot-driver`, `windows.bios` */
export async function checkWindowsImage(
  files: WimFiles,
  image: ReturnType<typeof parseWindowsInfo>,
  { architecture, firmware, trust, devices, disks }: CheckedMachine,
): Promise<void> {
  if (firmware === 'bios')
    throw new StepError(
      'windows.bios',
      'This machine started by BIOS; the boot code that Windows then needs cannot be written from Linux',
      { hint: 'Switch the firmware to UEFI, or deploy this image from Windows PE.' },
    );
  const system = await files.file(SYSTEM_HIVE);
  if (system === undefined)
    throw new StepError('windows.none', `The image has no ${SYSTEM_HIVE}`, {
      hint: 'It holds no Windows that could start; a data image is applied with apply-data-image.',
    });
  const managers: Partial<Record<BootFileSet, Uint8Array>> = {};
  for (const set of bootFileSets) {
    const program = await files.file(bootManagerOf[set]);
    if (program !== undefined) managers[set] = program;
  }
  await chooseBootFiles(managers, trust);
  const { version, productType } = image;
  // Drivers say for which versions they are: without one nothing can be said of them.
  if (version === null || !devices.some(isStorageController)) return;
  const os = { architecture, version, productType };
  const services = bootServices(readHive(system, 'SYSTEM').root);
  const drivers = (await files.filesOf(INF_FOLDER)).flatMap(factsOfInf);
  const missing = missingBootDrivers(devices, { os, drivers, bootServices: services });
  const unfit = new Set(missing.map(({ device }) => device));
  const controllers = devices.filter(isStorageController);
  // A disk may hang off several, one below the other (Intel VMD): Windows needs all of them.
  const chains = disks
    .map((names) =>
      controllers.filter(({ name }) => namesIn(name).some((one) => names.includes(one))),
    )
    .filter((chain) => chain.length > 0);
  const places = chains.length > 0 ? chains : controllers.map((one) => [one]);
  // One that it could start from is enough: which disk gets the image is not known yet.
  if (places.some((chain) => chain.every((one) => !unfit.has(one)))) return;
  const told = missing.map(({ device, reason }) =>
    reason.kind === 'no-driver'
      ? `${device.name} has no driver in it`
      : `${device.name} has ${reason.inf}, whose services (${reason.services.join(', ')}) do not start at boot`,
  );
  throw new StepError(
    'windows.boot-driver',
    `The image could not start from this machine's disks: ${told.join('; ')}`,
    {
      hint: 'Add the driver to the image with DISM, or deploy it from Windows PE, which can; a driver added in Linux comes too late.',
    },
  );
}

/** The name in sysfs is a word of a device's name (devices.ts). */
function namesIn(name: string): string[] {
  return name.split(/[\s,]+/);
}

/** An INF file that is not understood is no driver for the disk, and no reason to stop. */
function factsOfInf({ path, bytes }: { path: string; bytes: Uint8Array }): DriverFacts[] {
  try {
    return [driverFacts(parseInf(bytes), path.slice(INF_FOLDER.length + 1))];
  } catch (error) {
    if (error instanceof InfError) return [];
    throw error;
  }
}

/** Version and kind of a Windows by what `wimlib-imagex info` prints of its XML. */
export function parseWindowsInfo(output: string): {
  /** Null where it does not say. */
  readonly version: string | null;
  readonly productType: 'client' | 'server' | null;
} {
  const field = (title: string): string | undefined =>
    new RegExp(`^${title}:\\s+(\\S+)\\s*$`, 'm').exec(output)?.[1];
  const parts = ['Major Version', 'Minor Version', 'Build'].map(field);
  const product = field('Product Type')?.toLowerCase();
  return {
    version: parts.includes(undefined) ? null : parts.join('.'),
    productType: product === undefined ? null : product === 'winnt' ? 'client' : 'server',
  };
}
