/** The driver packs of the machine that a step runs on. */
import type { DriverIndex } from '#agent/drivers/driver-index.ts';
import {
  type DriverPack,
  fitPack,
  type PackFit,
  type PackMachine,
  packFitsWindows,
} from '#agent/drivers/driver-pack.ts';
import { compareDriverVersions } from '#agent/drivers/driver-version.ts';
import type { PackageId } from '#agent/protocol/identity.ts';
import type { WmiValue } from '#agent/sequence/query-capability.ts';
import { type StepContext, StepError } from '#agent/sequence/step.ts';
import type { OfflineWindowsFacts } from '#agent/sequence/windows-capability.ts';
import { readDriverIndex } from './driver-package-index.ts';

/** What this machine's firmware says it is. */
export async function packMachine({
  platform,
  signal,
}: Pick<StepContext, 'platform' | 'signal'>): Promise<PackMachine> {
  const rows = await platform.query.inventory(signal);
  const [system] = rows['Win32_ComputerSystem'] ?? [];
  const [board] = rows['Win32_BaseBoard'] ?? [];
  const [product] = rows['Win32_ComputerSystemProduct'] ?? [];
  const family = text(system?.['SystemFamily']);
  return {
    manufacturer: text(system?.['Manufacturer']),
    model: text(system?.['Model']),
    systemSku: text(system?.['SystemSKUNumber']),
    baseBoardProduct: text(board?.['Product']),
    // Lenovo writes its name into either, by the age of the firmware.
    systemFamily: family ?? text(product?.['Version']),
  };
}

function text(value: WmiValue | undefined): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value : null;
}

/** Whether a step that limits itself to this machine's packs may use a package: one for no models in particular, too. */
export function isForMachine(
  pack: DriverPack | undefined,
  machine: PackMachine,
  windows: Pick<OfflineWindowsFacts, 'version' | 'architecture'>,
): boolean {
  if (pack === undefined) return true;
  return fitPack(pack, machine) !== null && packFitsWindows(pack, windows);
}

const FITS: readonly PackFit[] = ['system-sku', 'baseboard', 'lenovo-type', 'model'];

/**
 * The driver pack of this machine for a Windows: the one by the strongest name of the machine, then one that names that
 * Windows, then the newest by the drivers in it.
 * @throws {StepError} `drivers.no-pack`, `drivers.no-server`, `drivers.index`, `content.*`
 */
export async function findMachinePack(
  windows: Pick<OfflineWindowsFacts, 'version' | 'architecture'>,
  context: StepContext,
): Promise<{ readonly packageId: PackageId; readonly index: DriverIndex }> {
  const { content } = context;
  if (content.driverPackages === undefined || content.part === undefined)
    throw new StepError('drivers.no-server', 'There is no server to choose a driver pack from', {
      hint: 'Name the driver package on stand-alone media.',
      exitCode: 0x80070032,
    });
  const machine = await packMachine(context);
  const found: {
    readonly packageId: PackageId;
    readonly index: DriverIndex;
    readonly fit: PackFit;
  }[] = [];
  for (const packageId of content.driverPackages()) {
    const index = await readDriverIndex(packageId, context);
    const fit = index.pack === undefined ? null : fitPack(index.pack, machine);
    if (index.pack !== undefined && fit !== null && packFitsWindows(index.pack, windows))
      found.push({ packageId, index, fit });
  }
  const named = [machine.manufacturer, machine.model].filter(Boolean).join(' ') || 'this machine';
  found.sort(
    (one, other) =>
      FITS.indexOf(one.fit) - FITS.indexOf(other.fit) ||
      Number((other.index.pack?.windows.length ?? 0) > 0) -
        Number((one.index.pack?.windows.length ?? 0) > 0) ||
      compareDriverVersions(newestOf(one.index), newestOf(other.index)),
  );
  const [best] = found;
  if (best !== undefined) {
    context.log(
      `${content.manifest(best.packageId).name} (${best.packageId}) is the driver pack of ${named}, by its ${best.fit}; ${found.length} are for it`,
    );
    return best;
  }
  const known = [
    `system SKU ${machine.systemSku ?? '-'}`,
    `board ${machine.baseBoardProduct ?? '-'}`,
  ];
  throw new StepError(
    'drivers.no-pack',
    `No driver pack is for ${named} (${known.join(', ')}) and Windows ${windows.version} ${windows.architecture}`,
    {
      hint: 'Add it: metalwright driver-pack add <file>; or let the step continue on error where Windows has what it needs.',
      exitCode: 0x80070490,
    },
  );
}

function newestOf({ drivers }: DriverIndex) {
  const [newest] = drivers.map(({ facts }) => facts).sort(compareDriverVersions);
  return newest ?? { date: null, version: null };
}
