import type { Kysely } from 'kysely';
import type { PackageId } from '#agent/protocol/identity.ts';
import type { Tables } from './tables.ts';

/** The manifest of a version of a package, JSON as it is kept; undefined where there is none. */
export async function keptManifest(
  db: Kysely<Tables>,
  id: PackageId,
  version: number,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('package_versions')
    .select('manifest_json')
    .where('package_id', '=', id)
    .where('version', '=', version)
    .executeTakeFirst();
  return row?.manifest_json;
}
