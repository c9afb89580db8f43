import type { Kysely } from 'kysely';
import { PackageId, type RunId } from '#agent/protocol/identity.ts';
import type { ContentSources } from '#agent/protocol/policy.ts';
import { type AskedFrom, locatorOf } from './content-locations.ts';
import { distributionPoints } from './distribution-points.ts';
import { packages } from './packages.ts';
import { PinnedGrant } from './pinned-grant.ts';
import { speaking } from './runs.ts';
import type { Tables } from './tables.ts';

/** A version of a package that a machine may ask for. */
interface VersionInUse {
  readonly packageId: PackageId;
  readonly name: string;
  readonly kind: string;
  readonly version: number;
  /** False for one that only runs that go on have pinned. */
  readonly newest: boolean;
}

/** Of the grant of a run, what it pinned. */
const PinnedOnly = PinnedGrant.pick({ content: true });

/** Which content runs make use of, and from where. */
export const contentUse = {
  /** The newest version of every package, and those that open runs have pinned. */
  async versions(db: Kysely<Tables>): Promise<VersionInUse[]> {
    const newest = await packages.newestVersions(db);
    const known = new Map(newest.map((one) => [one.id, one]));
    const open = await db
      .selectFrom('runs')
      .select('grant_json')
      .where('state', 'in', ['running', 'restarting'])
      .execute();
    const older = new Map<string, VersionInUse>();
    for (const { grant_json } of open)
      for (const one of Object.values(PinnedOnly.parse(JSON.parse(grant_json)).content)) {
        const now = known.get(one.packageId);
        if (one.kind === 'missing' || now === undefined || now.version === one.version) continue;
        const { packageId, version } = one;
        const { name, kind } = now;
        older.set(`${packageId} ${version}`, { packageId, name, kind, version, newest: false });
      }
    return [
      ...newest.map(({ id, ...one }) => ({ packageId: id, ...one, newest: true })),
      ...older.values(),
    ];
  },

  /**
   * Where the content of a run is now, for a machine that has moved or whose distribution points fail.
   *
   * @throws {StoreError} `run.not-found`, `run.key`
   */
  async sources(
    db: Kysely<Tables>,
    id: RunId,
    keyThumbprint: string,
    from: AskedFrom,
  ): Promise<ContentSources> {
    await speaking(db, id, keyThumbprint);
    const { grant_json } = await db
      .selectFrom('runs')
      .select('grant_json')
      .where('run_id', '=', id)
      .executeTakeFirstOrThrow();
    const grant = PinnedGrant.parse(JSON.parse(grant_json));
    const locate = await locatorOf(db, grant, from);
    const sources: Record<PackageId, string[]> = {};
    for (const [reference, one] of Object.entries(grant.content))
      if (one.kind === 'found') sources[PackageId.parse(reference)] = [...locate(one).sources];
    const contentCas = await distributionPoints.cas(db);
    return contentCas.length === 0 ? { sources } : { sources, contentCas };
  },
};
