import type { DriverFacts } from '#agent/drivers/driver-facts.ts';
import { compareDriverVersions } from '#agent/drivers/driver-version.ts';
import { compareMatches, type DriverMatch, matchDriver } from '#agent/drivers/match.ts';
import type { DriverTarget } from '#agent/drivers/target-os.ts';
import type { PackageId } from '#agent/protocol/identity.ts';
import type { HardwareDevice } from '#agent/sequence/windows-capability.ts';

/** A driver that has an id of the device, or of the same device on another board. */
export interface DriverCandidate {
  readonly packageId: PackageId;
  readonly packageName: string;
  readonly facts: DriverFacts;
}

/** A driver, and what it is to a device under a Windows. */
export interface RankedDriver {
  readonly packageId: PackageId;
  readonly packageName: string;
  readonly inf: string;
  readonly className: string;
  readonly provider: string;
  readonly date: string | null;
  readonly version: string | null;
  /**
   * `wins`: what Windows takes of these. `fits`: it would do too. `other`: for another Windows or processor, or for
   * that device on other boards alone.
   */
  readonly verdict: 'wins' | 'fits' | 'other';
  /** The id that both have; null where they have none. */
  readonly id: string | null;
  /** Less is better; null where it does not fit. */
  readonly featureScore: number | null;
  readonly identifierScore: number | null;
  /** An extension goes beside a driver: the best of each id wins. */
  readonly extensionId: string | null;
}

/** The drivers as Windows ranks them for a device: feature score, id, date, version. Pure. */
export function rankDrivers(
  device: HardwareDevice,
  candidates: readonly DriverCandidate[],
  os: DriverTarget,
): RankedDriver[] {
  const matched = candidates.map((candidate) => ({
    candidate,
    match: matchDriver(candidate.facts, device, os),
  }));
  matched.sort(
    (one, other) =>
      compareFits(one.match, other.match) ||
      compareDriverVersions(one.candidate.facts, other.candidate.facts),
  );
  const taken = new Set<string | null>();
  return matched.map(({ candidate: { packageId, packageName, facts }, match }) => {
    const { inf, className, provider, date, version, extensionId } = facts;
    const isFirst = match !== null && !taken.has(extensionId);
    if (isFirst) taken.add(extensionId);
    return {
      packageId,
      packageName,
      inf,
      className,
      provider,
      date,
      version,
      verdict: match === null ? 'other' : isFirst ? 'wins' : 'fits',
      id: match?.id ?? null,
      featureScore: match?.featureScore ?? null,
      identifierScore: match?.identifierScore ?? null,
      extensionId,
    };
  });
}

function compareFits(one: DriverMatch | null, other: DriverMatch | null): number {
  if (one === null || other === null) return Number(one === null) - Number(other === null);
  return compareMatches(one, other);
}
