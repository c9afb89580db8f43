import type { Kysely } from 'kysely';
import { z } from 'zod';
import { PackageId } from '#agent/protocol/identity.ts';
import { resolveBy } from '../inventory/pin.ts';
import { packages } from './packages.ts';
import type { Tables } from './tables.ts';
import { wantedName } from './wanted-packages.ts';

/**
 * What a reference of a run's document led to. The version is pinned; its manifest, which can be many
 * megabytes, stays where the package has it.
 */
export const PinnedContent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('found'), packageId: PackageId, version: z.int() }),
  z.object({ kind: z.literal('missing'), packageId: PackageId, reason: z.string() }),
]);
export type PinnedContent = z.infer<typeof PinnedContent>;

/** The newest version of a package, by its id or by the name that the id stands for. */
export async function resolveContent(db: Kysely<Tables>, id: PackageId): Promise<PinnedContent> {
  const name = await wantedName(db, id);
  const real = name === undefined ? id : resolveBy(await packages.index(db))({ name });
  const found =
    real === undefined
      ? undefined
      : await db.selectFrom('packages').select('version').where('id', '=', real).executeTakeFirst();
  if (real !== undefined && found !== undefined)
    return { kind: 'found', packageId: real, version: found.version };
  const called = name === undefined ? id : JSON.stringify(name);
  return {
    kind: 'missing',
    packageId: id,
    reason: `There is no package ${called} on this server`,
  };
}

/** The `content` of a grant as JSON text: manifests are put in as they are kept, unread. */
export async function formatContent(
  db: Kysely<Tables>,
  content: readonly (readonly [PackageId, PinnedContent])[],
  sources: readonly string[],
): Promise<string> {
  const entries: string[] = [];
  for (const [id, one] of content) entries.push(`"${id}":${await formatOne(db, one, sources)}`);
  return `{${entries.join(',')}}`;
}

async function formatOne(
  db: Kysely<Tables>,
  one: PinnedContent,
  sources: readonly string[],
): Promise<string> {
  if (one.kind === 'missing') return JSON.stringify(one);
  const row = await db
    .selectFrom('package_versions')
    .select('manifest_json')
    .where('package_id', '=', one.packageId)
    .where('version', '=', one.version)
    .executeTakeFirst();
  if (row === undefined) {
    const reason = `Version ${one.version} of package ${one.packageId} is gone from this server`;
    return JSON.stringify({ kind: 'missing', packageId: one.packageId, reason });
  }
  return `{"kind":"found","manifest":${row.manifest_json},"sources":${JSON.stringify(sources)}}`;
}
