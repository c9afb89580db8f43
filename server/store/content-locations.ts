import type { Kysely } from 'kysely';
import { allowedPoints, type DistributionPoint } from '../inventory/content-sources.ts';
import { boundaryGroups } from './boundary-groups.ts';
import { distributionPoints } from './distribution-points.ts';
import type { PinnedGrant } from './pinned-grant.ts';
import { hasNetworkAccess } from './site-accounts.ts';
import type { Tables } from './tables.ts';

/** Where a machine is, and how it reached this server. */
export interface AskedFrom {
  /** Address that the machine asks from. */
  readonly address: string;
  /** Base URL of this server's content for a machine that reached it there. */
  readonly ownUrl: string;
  /** Those of the other servers of the site. */
  readonly otherUrls?: readonly string[];
}

/** Base URLs that have a version of a package, the nearest first; without any, why. */
export type Locate = (content: { readonly packageId: string; readonly version: number }) => {
  readonly sources: readonly string[];
  readonly reason: string;
};

/** Reads once what is needed to say where the machine of a run gets its packages now. */
export async function locatorOf(
  db: Kysely<Tables>,
  { content, fallback }: Pick<PinnedGrant, 'content' | 'fallback'>,
  { address, ownUrl, otherUrls = [] }: AskedFrom,
): Promise<Locate> {
  const { points, where } = allowedPoints({
    address,
    groups: await boundaryGroups.list(db),
    points: await distributionPoints.list(db),
    fallback,
    hasNetworkAccess: await hasNetworkAccess(db),
  });
  const packageIds = Object.values(content).map(({ packageId }) => packageId);
  const held = await db
    .selectFrom('distribution_point_packages')
    .select(['point_id', 'package_id', 'version', 'state'])
    .where('point_id', 'in', ['', ...points.map(({ id }) => id)])
    .where('package_id', 'in', ['', ...packageIds])
    .execute();
  const states = new Map(
    held.map((row) => [`${row.point_id} ${row.package_id} ${row.version}`, row.state]),
  );
  return ({ packageId, version }) => {
    const stateAt = ({ id, url }: DistributionPoint) =>
      url === null ? 'present' : states.get(`${id} ${packageId} ${version}`);
    const having = points.filter((point) => stateAt(point) !== undefined);
    // The machine verifies each chunk: one that is damaged there may have all that it needs.
    const sorted = having.toSorted(
      (one, other) => Number(stateAt(one) === 'damaged') - Number(stateAt(other) === 'damaged'),
    );
    const names = points.map(({ name }) => `"${name}"`).join(', ');
    return {
      sources: sorted.flatMap(({ url }) => (url === null ? [ownUrl, ...otherUrls] : [url])),
      reason: `Version ${version} of package ${packageId} is on no distribution point that this machine may use (${names || 'there is none'}): ${where}`,
    };
  };
}
