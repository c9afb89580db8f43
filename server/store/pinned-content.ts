import type { Kysely } from 'kysely';
import { z } from 'zod';
import { DRIVER_INDEX } from '#agent/drivers/driver-index.ts';
import { ContentManifest } from '#agent/protocol/content.ts';
import { PackageId } from '#agent/protocol/identity.ts';
import type { ReferenceKind } from '#agent/sequence/step.ts';
import { resolveBy } from '../inventory/pin.ts';
import type { Locate } from './content-locations.ts';
import { keptManifest } from './kept-manifest.ts';
import { packages } from './packages.ts';
import type { Tables } from './tables.ts';
import { wantedName } from './wanted-packages.ts';

/**
 * What a reference of a run's document led to. The version is pinned; its manifest, which can be many
 * megabytes, stays where the package has it.
 */
export const PinnedContent = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('found'),
    packageId: PackageId,
    version: z.int(),
    /** The one object that the machine is told of; without it all of them. */
    only: z.string().optional(),
  }),
  z.object({ kind: z.literal('missing'), packageId: PackageId, reason: z.string() }),
]);
export type PinnedContent = z.infer<typeof PinnedContent>;

const MAX_DRIVER_PACKAGES = 1000;

/** The newest version of a package, by its id or by the name that the id stands for. */
export async function resolveContent(
  db: Kysely<Tables>,
  id: PackageId,
  kind?: ReferenceKind,
): Promise<PinnedContent> {
  const name = await wantedName(db, id);
  const resolve = resolveBy(await packages.index(db));
  const real =
    name === undefined
      ? id
      : (resolve({ name }, kind) ??
        (kind === undefined ? resolve({ name }, 'application') : undefined));
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

/** The newest driver packages, as a step that chooses among them finds them: by their index alone. */
export async function resolveDriverPackages(
  db: Kysely<Tables>,
  isWanted: (id: PackageId) => boolean,
): Promise<(PinnedContent & { readonly kind: 'found' })[]> {
  const found = await packages.list(db, 'driver-package');
  return found
    .filter(({ id }) => isWanted(id))
    .slice(0, MAX_DRIVER_PACKAGES)
    .map(({ id, version }) => ({ kind: 'found', packageId: id, version, only: DRIVER_INDEX }));
}

/** The `content` of a grant as JSON text: manifests are put in as they are kept, unread. */
export async function formatContent(
  db: Kysely<Tables>,
  content: readonly (readonly [PackageId, PinnedContent])[],
  locate: Locate,
): Promise<string> {
  const entries: string[] = [];
  for (const [id, one] of content) entries.push(`"${id}":${await formatOne(db, one, locate)}`);
  return `{${entries.join(',')}}`;
}

async function formatOne(db: Kysely<Tables>, one: PinnedContent, locate: Locate): Promise<string> {
  if (one.kind === 'missing') return JSON.stringify(one);
  const { sources, reason: nowhere } = locate(one);
  if (sources.length === 0)
    return JSON.stringify({ kind: 'missing', packageId: one.packageId, reason: nowhere });
  const kept = await keptManifest(db, one.packageId, one.version);
  if (kept === undefined) {
    const reason = `Version ${one.version} of package ${one.packageId} is gone from this server`;
    return JSON.stringify({ kind: 'missing', packageId: one.packageId, reason });
  }
  const manifest = one.only === undefined ? kept : onlyObject(kept, one.only);
  return `{"kind":"found","manifest":${manifest},"sources":${JSON.stringify(sources)}}`;
}

function onlyObject(manifestJson: string, path: string): string {
  const manifest = ContentManifest.parse(JSON.parse(manifestJson));
  const objects = manifest.objects.filter((object) => object.path === path);
  return JSON.stringify({ ...manifest, objects });
}
