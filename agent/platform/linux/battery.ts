import { join } from 'node:path';
import type { WmiRow } from '../../sequence/query-capability.ts';
import { namesIn, readNumber, readText } from './sysfs.ts';

/** Win32_Battery.Chemistry by the kernel's names (linux/power_supply.h). */
const CHEMISTRY: Readonly<Record<string, number>> = {
  NiCd: 4,
  NiMH: 5,
  'Li-ion': 6,
  'Li-poly': 8,
};
const DISCHARGING = 1;
/** On mains: charging or not, Windows tells nothing else. */
const ON_MAINS = 2;

/** `Win32_Battery` of the machine's own batteries, not those of its mouse. */
export async function batteryRows(sys: string): Promise<WmiRow[]> {
  const root = join(sys, 'class/power_supply');
  const names = await namesIn(root);
  const types = await Promise.all(names.map(async (name) => readText(join(root, name, 'type'))));
  const online = await Promise.all(
    names.map(async (name, index) =>
      types[index] === 'Battery' ? 0 : readNumber(join(root, name, 'online')),
    ),
  );
  const rows: WmiRow[] = [];
  for (const [index, name] of names.entries()) {
    const text = async (file: string): Promise<string | null> => readText(join(root, name, file));
    if (types[index] !== 'Battery' || (await text('scope')) === 'Device') continue;
    if ((await text('present')) === '0') continue;
    const state = await text('status');
    const discharging =
      state === 'Discharging' || ((state ?? 'Unknown') === 'Unknown' && !online.includes(1));
    rows.push({
      DeviceID: [await text('serial_number'), await text('manufacturer'), await text('model_name')]
        .filter((part) => part !== null)
        .join(' '),
      Name: await text('model_name'),
      BatteryStatus: discharging ? DISCHARGING : ON_MAINS,
      EstimatedChargeRemaining: await readNumber(join(root, name, 'capacity')),
      Chemistry: CHEMISTRY[(await text('technology')) ?? ''] ?? 2,
    });
  }
  return rows;
}
