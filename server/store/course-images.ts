import type { Kysely } from 'kysely';
import type { ImageFacts } from '#agent/protocol/content.ts';
import type { PackageId } from '#agent/protocol/identity.ts';
import type { ContentReference } from '#agent/sequence/references.ts';
import type { CourseImages, NamedBootImage } from '../inventory/boot-image-problems.ts';
import { type NamedPackage, resolveBy } from '../inventory/pin.ts';
import type { LedToImage } from '../inventory/sequence-images.ts';
import type { SequenceOutline } from '../inventory/sequence-outline.ts';
import { newestImages } from './image-facts.ts';
import type { Tables } from './tables.ts';

interface Named {
  readonly name: string;
  readonly image: ImageFacts;
}

/** The boot image that a sequence names and the images that it and its children apply, each in its newest version. */
export async function courseImages(
  db: Kysely<Tables>,
  {
    root,
    children,
  }: { readonly root: SequenceOutline; readonly children: readonly SequenceOutline[] },
  known: readonly NamedPackage[],
): Promise<CourseImages> {
  const resolve = resolveBy(known);
  const names = new Map(known.map(({ id, name }) => [id, name]));
  const bootId = root.bootImage && resolve(root.bootImage, 'boot-image');
  const facts = new Map<PackageId, readonly Named[]>();
  for (const { reference } of [root, ...children].flatMap(({ osImages }) => osImages)) {
    const id = resolve(reference);
    const name = id && names.get(id);
    if (id === undefined || name === undefined || facts.has(id)) continue;
    const { version, images } = await newestImages(db, id);
    facts.set(
      id,
      images.map((image) => ({
        image,
        name: `image ${image.index} of ${name} (${id}, version ${version})`,
      })),
    );
  }
  const imagesOf = (reference: ContentReference): readonly Named[] => {
    const id = resolve(reference);
    return id === undefined ? [] : (facts.get(id) ?? []);
  };
  return {
    bootImage: bootId === undefined ? undefined : await bootImageOf(db, bootId, names.get(bootId)),
    osImages: ({ reference, index }) =>
      imagesOf(reference).flatMap(({ image, name }): LedToImage[] =>
        image.architecture === null || (index !== null && image.index !== index)
          ? []
          : [{ name, architecture: image.architecture }],
      ),
  };
}

async function bootImageOf(
  db: Kysely<Tables>,
  id: PackageId,
  name: string | undefined,
): Promise<NamedBootImage | undefined> {
  if (name === undefined) return undefined;
  const { version, images } = await newestImages(db, id);
  const [image] = images;
  return {
    name,
    label: `"${name}" (${id}, version ${version})`,
    architecture: image?.architecture ?? null,
    components: image?.windows?.components,
  };
}
