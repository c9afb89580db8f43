import type { Kysely } from 'kysely';
import { type PackageId, type RunId, SequenceId } from '#agent/protocol/identity.ts';
import type { SequenceReference } from '#agent/sequence/child-sequence.ts';
import type { ContentReference } from '#agent/sequence/references.ts';
import type { BootWish } from '#boot/chain.ts';
import { resolveBy } from '../inventory/pin.ts';
import { type LedToImage, NO_IMAGES, type SequenceImages } from '../inventory/sequence-images.ts';
import type { SequenceOutline } from '../inventory/sequence-outline.ts';
import { newestImages } from './image-facts.ts';
import { packages } from './packages.ts';
import { PinnedGrant } from './pinned-grant.ts';
import { referencedRow } from './sequence-rows.ts';
import { outlineOfVersion } from './sequence-standing.ts';
import type { Tables } from './tables.ts';

const imagesOfRun = new Map<RunId, BootWish['image']>();
const MAX_KEPT = 5000;

/** Finds the images that stored task sequences lead to; made once for many of them. */
export async function imageFinder(
  db: Kysely<Tables>,
): Promise<(sequence: SequenceId) => Promise<SequenceImages>> {
  const known = await packages.index(db);
  const resolve = resolveBy(known);
  const names = new Map(known.map(({ id, name }) => [id, name]));
  const found = new Map<SequenceId, SequenceImages>();

  const facts = async (id: PackageId, index: number | null): Promise<LedToImage[]> => {
    const { version, images } = await newestImages(db, id);
    return images.flatMap((image) =>
      image.architecture === null || (index !== null && image.index !== index)
        ? []
        : [
            {
              name: `image ${image.index} of ${names.get(id) ?? id} (${id}, version ${version})`,
              architecture: image.architecture,
            },
          ],
    );
  };

  const imagesOf = async (outlines: readonly SequenceOutline[]): Promise<SequenceImages> => {
    const osImages: LedToImage[] = [];
    for (const { reference, index } of outlines.flatMap((outline) => outline.osImages)) {
      const id = resolve(reference);
      if (id !== undefined && names.has(id)) osImages.push(...(await facts(id, index)));
    }
    const { bootImage: wanted, maxRunMinutes = NO_IMAGES.maxRunMinutes } = outlines[0] ?? {};
    if (wanted === undefined) return { ...NO_IMAGES, osImages, maxRunMinutes };
    const id = resolve(wanted, 'boot-image');
    if (id === undefined || !names.has(id))
      return {
        ...NO_IMAGES,
        osImages,
        maxRunMinutes,
        boot: { kind: 'missing', name: titleOf(wanted) },
      };
    const [image] = await facts(id, null);
    const bootImage =
      image === undefined ? null : { ...image, name: `${names.get(id) ?? id} (${id})` };
    return { boot: { kind: 'windows-pe', id }, bootImage, osImages, maxRunMinutes };
  };

  return async (sequence) => {
    const before = found.get(sequence);
    if (before !== undefined) return before;
    const images = await imagesOf(await outlinesOf(db, sequence));
    found.set(sequence, images);
    return images;
  };
}

/** The boot image that an open run was granted with; what was granted never changes. */
export async function imageOfRun(db: Kysely<Tables>, run: RunId): Promise<BootWish['image']> {
  const known = imagesOfRun.get(run);
  if (known !== undefined) return known;
  const row = await db
    .selectFrom('runs')
    .select('grant_json')
    .where('run_id', '=', run)
    .executeTakeFirstOrThrow();
  const { bootImage, content } = PinnedGrant.pick({ bootImage: true, content: true }).parse(
    JSON.parse(row.grant_json),
  );
  const pinned = bootImage === undefined ? undefined : content[bootImage];
  // What was missing may yet come: it is not kept.
  if (pinned?.kind === 'missing') return { kind: 'missing', name: pinned.packageId };
  const image: BootWish['image'] =
    bootImage === undefined
      ? { kind: 'linux-pe' }
      : { kind: 'windows-pe', id: pinned?.packageId ?? bootImage };
  keep(imagesOfRun, run, image);
  return image;
}

/** Outlines of the newest ready version and of all that it runs, its own first. */
export async function outlinesOf(db: Kysely<Tables>, root: SequenceId): Promise<SequenceOutline[]> {
  return await walkOutlines({ id: root }, async (reference) => {
    const row = await referencedRow(db, reference);
    return row === undefined ? undefined : { key: row.id, read: () => readyOutline(db, row) };
  });
}

/** The outline of the newest ready version; undefined where none is ready. */
export async function readyOutline(
  db: Kysely<Tables>,
  row: Tables['sequences'],
): Promise<SequenceOutline | undefined> {
  if (row.ready_version === 0) return undefined;
  return (await outlineOfVersion(db, SequenceId.parse(row.id), row.ready_version)).outline;
}

/**
 * Outlines of a task sequence and of all that it runs, its own first, each once.
 *
 * @param find what a reference names: a key that is its own, and how its outline is read; both may be missing
 */
export async function walkOutlines<Outline extends Pick<SequenceOutline, 'children'>>(
  root: SequenceReference,
  find: (
    reference: SequenceReference,
  ) => Promise<
    { readonly key: string; readonly read: () => Promise<Outline | undefined> } | undefined
  >,
): Promise<Outline[]> {
  const outlines: Outline[] = [];
  const seen = new Set<string>();
  const waiting: SequenceReference[] = [root];
  for (let reference = waiting.shift(); reference !== undefined; reference = waiting.shift()) {
    const found = await find(reference);
    if (found === undefined || seen.has(found.key)) continue;
    seen.add(found.key);
    const outline = await found.read();
    if (outline === undefined) continue;
    outlines.push(outline);
    waiting.push(...outline.children.map((child) => child.reference));
  }
  return outlines;
}

function keep<Key, Value>(kept: Map<Key, Value>, key: Key, value: Value): void {
  const [oldest] = kept.keys();
  if (kept.size >= MAX_KEPT && oldest !== undefined) kept.delete(oldest);
  kept.set(key, value);
}

function titleOf({ id, name }: ContentReference): string {
  return name ?? id ?? '';
}
