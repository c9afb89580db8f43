import type { Kysely } from 'kysely';
import { z } from 'zod';
import { ContentManifest } from '#agent/protocol/content.ts';
import { PackageId } from '#agent/protocol/identity.ts';
import { Application } from '#agent/sequence/application.ts';
import { PackageProgram } from '#agent/sequence/package-program.ts';
import { StoreError } from './error.ts';
import { hasObject, nextObjectId } from './object-ids.ts';
import { type PackageSummary, packages } from './packages.ts';
import { linkApplication, linkProgram } from './software.ts';
import type { Tables } from './tables.ts';

/** An application of a batch. */
export const BatchApplication = z.object({
  application: Application,
  baseVersion: z.int(),
  id: PackageId.optional(),
});
type BatchApplication = z.infer<typeof BatchApplication>;

/** What became of one. */
export interface KeptApplication {
  readonly id: PackageId;
  readonly name: string;
  readonly revision: number;
}

/**
 * Gives ids to the new ones among them, those that are to have one of their own or all others: they may lead to each
 * other in any way, so that all have theirs before the first is written. @throws {StoreError} `package.exists`
 */
export async function reserveApplications(
  db: Kysely<Tables>,
  wishes: readonly BatchApplication[],
  nowMs: number,
): Promise<void> {
  for (const { application, id: wished } of wishes) {
    const { name } = application;
    const name_key = name.trim().toLowerCase();
    const there = await db
      .selectFrom('packages')
      .select('id')
      .where('kind', '=', 'application')
      .where('name_key', '=', name_key)
      .executeTakeFirst();
    if (there !== undefined) continue;
    if (wished !== undefined && (await hasObject(db, wished)))
      throw new StoreError('package.exists', `${wished} is something else already`);
    const id = wished ?? (await nextObjectId(db));
    const columns = { kind: 'application', version: 0, software_json: '', created_ms: nowMs };
    await db
      .insertInto('packages')
      .values({ id, name, name_key, ...columns })
      .execute();
  }
}

/**
 * Keeps applications that have their ids.
 * @throws {InventoryError} `application.reference`; {StoreError} `package.version-conflict`
 */
export async function addApplications(
  db: Kysely<Tables>,
  wishes: readonly BatchApplication[],
  nowMs: number,
): Promise<KeptApplication[]> {
  const known = wishes.length === 0 ? [] : await packages.index(db);
  const kept: KeptApplication[] = [];
  for (const { application: document, baseVersion } of wishes) {
    const { $schema: _schema, ...application } = linkApplication(document, known);
    const { name } = document;
    const what = { name, kind: 'application' as const, objects: [], images: [], application };
    const made = await packages.add(db, what, nowMs);
    assertVersion(made, baseVersion);
    kept.push({ id: made.id, name: made.name, revision: made.version });
  }
  return kept;
}

/**
 * Puts ids into the programs of packages that were made just now: what one runs first may have come with them.
 * @throws {InventoryError} `application.reference`
 */
export async function linkPrograms(
  db: Kysely<Tables>,
  made: readonly PackageSummary[],
): Promise<void> {
  for (const { id, version } of made) {
    const row = await db
      .selectFrom('package_versions')
      .innerJoin('packages', 'packages.id', 'package_versions.package_id')
      .select('manifest_json')
      .where('package_id', '=', id)
      .where('package_versions.version', '=', version)
      .where('software_json', '!=', '')
      .executeTakeFirst();
    if (row === undefined) continue;
    const manifest = ContentManifest.parse(JSON.parse(row.manifest_json));
    const before = (manifest.programs ?? []).map((each) => PackageProgram.parse(each));
    if (before.every(({ runFirst }) => runFirst?.package === undefined)) continue;
    const programs: PackageProgram[] = [];
    for (const each of before) programs.push(await linkProgram(db, id, each));
    await db
      .updateTable('package_versions')
      .set({ manifest_json: JSON.stringify({ ...manifest, programs }) })
      .where('package_id', '=', id)
      .where('version', '=', version)
      .execute();
  }
}

/** @throws {StoreError} `package.version-conflict` when somebody else has changed it meanwhile */
export function assertVersion(
  { name, version }: { readonly name: string; readonly version: number },
  baseVersion: number,
): void {
  if (version === baseVersion + 1) return;
  const known = baseVersion === 0 ? 'new' : `version ${baseVersion + 1}`;
  throw new StoreError(
    'package.version-conflict',
    `"${name}" would be version ${version}, and was to be ${known}`,
    { hint: 'Somebody else has changed it meanwhile: begin again.' },
  );
}
