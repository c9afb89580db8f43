import type { HardwareDevice } from '../sequence/windows-capability.ts';
import type { DriverFacts, DriverInstall, DriverSection } from './driver-facts.ts';
import { compareTargets, type DriverTarget, fitsTarget } from './target-os.ts';

/** That a driver is compatible with a device, and how well. */
export interface DriverMatch {
  readonly install: DriverInstall;
  /** 0 to 255, less is better: the feature score of its maker. */
  readonly featureScore: number;
  /**
   * Less is better (Windows, "Identifier score"): 0x0000 and up where a hardware id of the device is the
   * hardware id of the driver, 0x1000 its compatible id, 0x2000 and 0x3000 likewise for a compatible id of the
   * device; plus the place of that id in the device's list.
   */
  readonly identifierScore: number;
  /** The id that both have. */
  readonly id: string;
}

/** The models sections that this Windows looks into: of each group the one that fits it best. */
export function sectionsFor(facts: DriverFacts, os: DriverTarget): DriverSection[] {
  const best = new Map<number, DriverSection>();
  for (const section of facts.sections) {
    if (section.architecture !== os.architecture || !fitsTarget(section, os)) continue;
    const known = best.get(section.group);
    if (!known || compareTargets(section, known) < 0) best.set(section.group, section);
  }
  return [...best.values()];
}

/** The best match of a driver and a device under a Windows; null where it is not for that device. */
export function matchDriver(
  facts: DriverFacts,
  device: HardwareDevice,
  os: DriverTarget,
): DriverMatch | null {
  const places = devicePlaces(device);
  let best: DriverMatch | null = null;
  for (const { models } of sectionsFor(facts, os))
    for (const model of models)
      for (const [at, id] of [model.hardwareId, ...model.compatibleIds].entries()) {
        const place = id === '' ? undefined : places.get(id);
        const install = facts.installs[model.install];
        if (place === undefined || !install) continue;
        const identifierScore = place + (at === 0 ? 0 : 0x1000);
        if (install.excludeIds.some((each) => device.hardwareIds.includes(each))) continue;
        const match = { install, featureScore: install.featureScore, identifierScore, id };
        if (best === null || compareMatches(match, best) < 0) best = match;
      }
  return best;
}

/** Negative: `one` is the better match. */
export function compareMatches(one: DriverMatch, other: DriverMatch): number {
  const byFeature = one.featureScore - other.featureScore;
  return byFeature === 0 ? one.identifierScore - other.identifierScore : byFeature;
}

/** Where each id stands: hardware ids from 0, compatible ids from 0x2000. */
function devicePlaces({ hardwareIds, compatibleIds }: HardwareDevice): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  const put = (id: string, place: number): void => {
    if (!places.has(id.toUpperCase())) places.set(id.toUpperCase(), place);
  };
  for (const [at, id] of hardwareIds.entries()) put(id, Math.min(at, 0xfff));
  for (const [at, id] of compatibleIds.entries()) put(id, 0x2000 + Math.min(at, 0xfff));
  return places;
}
