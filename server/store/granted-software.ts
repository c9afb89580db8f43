import type { Kysely } from 'kysely';
import { ContentManifest } from '#agent/protocol/content.ts';
import { PackageId } from '#agent/protocol/identity.ts';
import {
  Application,
  applicationReferences,
  applicationRefusal,
} from '#agent/sequence/application.ts';
import { PackageProgram } from '#agent/sequence/package-program.ts';
import { SoftwareFacts } from '../inventory/software-facts.ts';
import { type PinnedContent, resolveContent } from './pinned-content.ts';
import type { Tables } from './tables.ts';

/** So many applications and packages a grant tells a machine of. */
const MAX_SOFTWARE = 5000;

/**
 * Adds what applications and programs of a run lead to: dependencies, superseded applications, the packages with their
 * files, programs that run first. An application that cannot be installed, or whose files are nowhere, counts as
 * missing, so that the rules for missing content decide (reference: conditions, 3a; deploy, 12).
 */
export async function addSoftware(
  db: Kysely<Tables>,
  content: Record<PackageId, PinnedContent>,
): Promise<void> {
  const looked = new Set<PackageId>();
  const waiting = Object.keys(content).map((id) => PackageId.parse(id));
  const applications: { readonly id: PackageId; readonly needs: readonly PackageId[] }[] = [];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (looked.has(id) || looked.size >= MAX_SOFTWARE) continue;
    looked.add(id);
    content[id] ??= await resolveContent(db, id);
    const pinned = content[id];
    if (pinned?.kind !== 'found') continue;
    const manifest = await softwareManifest(db, pinned);
    if (manifest === undefined) continue;
    const missing = (reason: string): void => {
      content[id] = { kind: 'missing', packageId: id, reason };
    };
    if (manifest.kind !== 'application') {
      for (const each of manifest.programs ?? []) {
        const first = PackageProgram.safeParse(each).data?.runFirst?.package?.id;
        if (first !== undefined) waiting.push(first);
      }
      continue;
    }
    const { data } = Application.safeParse(manifest.application);
    if (data === undefined) {
      missing(`The application ${manifest.name} (${id}) is not understood`);
      continue;
    }
    const refusal = applicationRefusal(data);
    if (refusal !== undefined) {
      missing(`The application ${manifest.name} (${id}) cannot be installed: ${refusal}`);
      continue;
    }
    const references = applicationReferences(data);
    waiting.push(
      ...[...references.applications, ...references.packages].flatMap((each) => each.id ?? []),
    );
    applications.push({ id, needs: references.packages.flatMap((each) => each.id ?? []) });
  }
  for (const { id, needs } of applications) {
    const gone = needs.find((each) => content[each]?.kind === 'missing');
    if (gone !== undefined)
      content[id] = {
        kind: 'missing',
        packageId: id,
        reason: `The application ${id} needs the package ${gone}, which is not on this server`,
      };
  }
}

/** Everything that a list in variables may name: applications that can be installed, packages with programs. */
export async function listedSoftware(
  db: Kysely<Tables>,
  reads: { readonly applications: boolean; readonly programs: boolean },
): Promise<PackageId[]> {
  const rows = await db
    .selectFrom('packages')
    .select(['id', 'kind', 'software_json'])
    .where('software_json', '!=', '')
    .orderBy('id')
    .limit(MAX_SOFTWARE)
    .execute();
  return rows.flatMap(({ id, kind, software_json }) => {
    const { refusal } = SoftwareFacts.parse(JSON.parse(software_json));
    const isWanted = kind === 'application' ? reads.applications : reads.programs;
    return isWanted && refusal === undefined ? [PackageId.parse(id)] : [];
  });
}

/** The manifest, of what has software alone: that of a package with many files is large. */
async function softwareManifest(
  db: Kysely<Tables>,
  { packageId, version }: { readonly packageId: PackageId; readonly version: number },
): Promise<ContentManifest | undefined> {
  const row = await db
    .selectFrom('packages')
    .innerJoin('package_versions', 'package_versions.package_id', 'packages.id')
    .select('manifest_json')
    .where('packages.id', '=', packageId)
    .where('package_versions.version', '=', version)
    .where('software_json', '!=', '')
    .executeTakeFirst();
  return row === undefined ? undefined : ContentManifest.parse(JSON.parse(row.manifest_json));
}
