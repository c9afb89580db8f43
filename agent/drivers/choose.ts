import type { HardwareDevice } from '../sequence/windows-capability.ts';
import type { DriverFacts } from './driver-facts.ts';
import { compareDriverVersions } from './driver-version.ts';
import { compareMatches, type DriverMatch, matchDriver } from './match.ts';
import type { DriverTarget } from './target-os.ts';

/** A driver that was chosen, and for which device. */
export interface ChosenDriver<Candidate> {
  readonly driver: Candidate;
  readonly device: HardwareDevice;
  readonly id: string;
}

/** Rounds of software components that bring further ones. */
const MAX_ROUNDS = 8;

/**
 * The drivers for these devices, of all that there are: the best for each, with the best extension of each
 * kind and the software components that they make; or all that fit. Each driver comes once. Pure.
 */
export function chooseDrivers<Candidate extends { readonly facts: DriverFacts }>(
  devices: readonly HardwareDevice[],
  candidates: readonly Candidate[],
  { os, bestMatch }: { readonly os: DriverTarget; readonly bestMatch: boolean },
): ChosenDriver<Candidate>[] {
  const chosen = new Map<Candidate, ChosenDriver<Candidate>>();
  const seen = new Set<string>();
  let waiting = devices;
  for (let round = 0; round < MAX_ROUNDS && waiting.length > 0; round += 1) {
    const components = new Set<string>();
    for (const device of waiting)
      for (const { driver, match } of fitting(device, candidates, { os, bestMatch })) {
        for (const id of match.install.components) components.add(id);
        if (!chosen.has(driver)) chosen.set(driver, { driver, device, id: match.id });
      }
    waiting = [...components]
      .filter((id) => !seen.has(id))
      .map((id) => ({ name: `Software component ${id}`, hardwareIds: [id], compatibleIds: [] }));
    for (const id of components) seen.add(id);
  }
  return [...chosen.values()];
}

interface Fitting<Candidate> {
  readonly driver: Candidate;
  readonly match: DriverMatch;
}

function fitting<Candidate extends { readonly facts: DriverFacts }>(
  device: HardwareDevice,
  candidates: readonly Candidate[],
  { os, bestMatch }: { readonly os: DriverTarget; readonly bestMatch: boolean },
): Fitting<Candidate>[] {
  const all = candidates
    .flatMap((driver) => {
      const match = matchDriver(driver.facts, device, os);
      return match ? [{ driver, match }] : [];
    })
    .sort(
      (one, other) =>
        compareMatches(one.match, other.match) ||
        compareDriverVersions(one.driver.facts, other.driver.facts),
    );
  if (!bestMatch) return all;
  // Drivers have no extension id: the first of them, and the first extension of each id.
  const kinds = new Set<string | null>();
  return all.filter(({ driver: { facts } }) => {
    const isFirst = !kinds.has(facts.extensionId);
    kinds.add(facts.extensionId);
    return isFirst;
  });
}
