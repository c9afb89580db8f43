import type { Kysely } from 'kysely';
import type { PackageId } from '#agent/protocol/identity.ts';
import { openValue, sealValue } from '../trust/variable-seal.ts';
import type { Tables } from './tables.ts';

interface Version {
  readonly packageId: PackageId;
  readonly version: number;
}

/** Keeps the key of a secret package version, sealed. @param key `SiteSecret.variableKey` */
export async function keepPackageKey(
  db: Kysely<Tables>,
  of: Version,
  contentKey: string,
  key: Uint8Array,
): Promise<void> {
  await db
    .updateTable('package_versions')
    .set({ sealed_key: sealValue(key, placeOf(of), contentKey) })
    .where('package_id', '=', of.packageId)
    .where('version', '=', of.version)
    .execute();
}

/** The key of a package version, base64; undefined where it is not secret. @throws {InventoryError} `variable.sealed` */
export async function packageKeyOf(
  db: Kysely<Tables>,
  of: Version,
  key: Uint8Array,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('package_versions')
    .select('sealed_key')
    .where('package_id', '=', of.packageId)
    .where('version', '=', of.version)
    .executeTakeFirst();
  const sealed = row?.sealed_key ?? '';
  return sealed === '' ? undefined : openValue(key, placeOf(of), sealed);
}

/** Whether one of these package versions is secret. */
export async function anySecret(
  db: Kysely<Tables>,
  versions: readonly Version[],
): Promise<boolean> {
  for (const { packageId, version } of versions) {
    const row = await db
      .selectFrom('package_versions')
      .select('version')
      .where('package_id', '=', packageId)
      .where('version', '=', version)
      .where('sealed_key', '!=', '')
      .executeTakeFirst();
    if (row !== undefined) return true;
  }
  return false;
}

function placeOf({ packageId, version }: Version): { owner: string; name: string } {
  return { owner: `package:${packageId}`, name: `version ${version}` };
}
