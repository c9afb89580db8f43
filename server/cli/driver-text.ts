import type { DriverCoverageView, DriverGapView } from '../http/api-drivers.ts';
import { formatTime } from './units.ts';

/** Base classes of PCI that a deployment may miss a driver for. */
const CLASSES: Readonly<Record<string, string>> = {
  '00': 'old device',
  '01': 'storage',
  '02': 'network',
  '04': 'multimedia',
  '07': 'communication',
  '09': 'input',
  '0a': 'docking station',
  '0c': 'serial bus',
  '0d': 'wireless',
  '10': 'encryption',
};

/** One line of `driver missing`. */
interface GapRow {
  readonly model: string;
  readonly machines: string;
  readonly lastSeen: string;
  readonly kind: string;
  readonly device: string;
}

/** Devices without a driver, a line each. */
export function gapRows(gaps: readonly DriverGapView[]): GapRow[] {
  return gaps.flatMap(({ manufacturer, model, machines, devices }) =>
    devices.map((device) => ({
      model: [manufacturer, model].filter(Boolean).join(' ') || 'unknown',
      machines: `${device.machines} of ${machines}`,
      lastSeen: device.lastSeenMs === null ? '' : formatTime(device.lastSeenMs),
      kind: className(device.pciClass),
      device:
        device.driver === 'other-boards'
          ? `${device.hardwareId} (drivers are there for other boards only)`
          : device.hardwareId,
    })),
  );
}

/** The report of `driver coverage`. */
export function coverageText(model: string, { machines, packs, gaps }: DriverCoverageView): string {
  const devices = gaps.flatMap((gap) => gap.devices);
  const lacking = devices.filter(({ driver }) => driver !== 'covered');
  const packLines = packs.map(({ name, packageId, fit }) => `  ${name} (${packageId}), by ${fit}`);
  return [
    `${model}: ${machines === 0 ? 'no machine of this model was met yet' : `${machines} met`}`,
    packs.length === 0 ? 'Driver packs of this model: none' : 'Driver packs of this model:',
    ...packLines,
    ...(machines === 0
      ? []
      : [
          `Devices that its boot environment has no driver for: ${devices.length}, of which ${lacking.length} have none in the driver packages either`,
        ]),
    ...devices.map(
      ({ driver, hardwareId, pciClass, isStorage }) =>
        `  ${WORDS[driver]}  ${className(pciClass)}  ${hardwareId}${isStorage && driver !== 'covered' ? '  (Windows may not start without it)' : ''}`,
    ),
    '',
  ].join('\n');
}

const WORDS = { covered: 'ok     ', 'other-boards': 'BOARDS ', none: 'MISSING' } as const;

function className(pciClass: string): string {
  return CLASSES[pciClass.slice(0, 2)] ?? `class ${pciClass}`;
}
