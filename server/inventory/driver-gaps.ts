import type { HardwareDevice } from '#agent/sequence/windows-capability.ts';

/** What one machine told of devices that no driver of its boot environment claimed. */
export interface ModelMachines {
  readonly manufacturer: string | null;
  readonly model: string | null;
  readonly lastSeenMs: number | null;
  readonly unclaimed: readonly (HardwareDevice & { readonly pciClass: string })[];
}

/** A device of a model, and whether a driver package has a driver for it. */
interface GapDevice {
  /** `PCI\VEN_8086&DEV_15F3`. */
  readonly id: string;
  /** The most specific id that was told. */
  readonly hardwareId: string;
  readonly pciClass: string;
  /** Disks hang off it: without its driver a Windows may not start. */
  readonly isStorage: boolean;
  /** `other-boards`: drivers there are only for that device on boards with another subsystem. */
  readonly driver: 'covered' | 'other-boards' | 'none';
  readonly machines: number;
  readonly lastSeenMs: number | null;
}

/** The devices of one make and model. */
export interface DriverGap {
  readonly manufacturer: string | null;
  readonly model: string | null;
  readonly machines: number;
  readonly lastSeenMs: number | null;
  readonly devices: readonly GapDevice[];
}

/**
 * The unclaimed devices by make and model, those with most machines first. Pure.
 * @param known ids of the catalogue: whole ones, and those without their board
 */
export function gapsOf(
  machines: readonly ModelMachines[],
  known: { readonly ids: ReadonlySet<string>; readonly bases: ReadonlySet<string> },
): DriverGap[] {
  const groups = Map.groupBy(machines, ({ manufacturer, model }) =>
    JSON.stringify([manufacturer, model]).toLowerCase(),
  );
  const gaps = [...groups.values()].map((group): DriverGap => {
    const { manufacturer = null, model = null } = group[0] ?? {};
    const found = new Map<string, GapDevice>();
    for (const { unclaimed, lastSeenMs } of group)
      for (const device of new Map(unclaimed.map((each) => [each.name, each])).values()) {
        const { name, hardwareIds, compatibleIds, pciClass } = device;
        const before = found.get(name);
        const isCovered = [...hardwareIds, ...compatibleIds].some((id) => known.ids.has(id));
        const driver = isCovered ? 'covered' : known.bases.has(name) ? 'other-boards' : 'none';
        found.set(name, {
          id: name,
          hardwareId: before?.hardwareId ?? hardwareIds[0] ?? name,
          pciClass,
          isStorage: /^01(?!02)/.test(pciClass),
          // A board of the model that lacks it counts more than one that has it.
          driver: worst(before?.driver, driver),
          machines: (before?.machines ?? 0) + 1,
          lastSeenMs: latest(before?.lastSeenMs ?? null, lastSeenMs),
        });
      }
    const devices = [...found.values()].sort(
      (one, other) => other.machines - one.machines || (one.id < other.id ? -1 : 1),
    );
    const lastSeenMs = group.reduce<number | null>(
      (last, each) => latest(last, each.lastSeenMs),
      null,
    );
    return { manufacturer, model, machines: group.length, lastSeenMs, devices };
  });
  return gaps.sort((one, other) => other.machines - one.machines);
}

const ORDER = ['none', 'other-boards', 'covered'] as const;

function worst(
  one: GapDevice['driver'] | undefined,
  other: GapDevice['driver'],
): GapDevice['driver'] {
  return ORDER.find((each) => each === one || each === other) ?? other;
}

function latest(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other);
}
