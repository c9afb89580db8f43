import type { Kysely } from 'kysely';
import { z } from 'zod';
import { ImageFacts } from '#agent/protocol/content.ts';
import type { PackageId } from '#agent/protocol/identity.ts';
import type { Tables } from './tables.ts';

/** Images of package versions, which never change; the manifests they are of may be long. */
const imagesOfVersion = new Map<string, readonly ImageFacts[]>();
const MAX_KEPT = 5000;
const WithImages = z.object({ images: z.array(ImageFacts).default([]) });

/** What the newest version of a package says of its images. */
export async function newestImages(
  db: Kysely<Tables>,
  id: PackageId,
): Promise<{ readonly version: number; readonly images: readonly ImageFacts[] }> {
  const { version } = await db
    .selectFrom('packages')
    .select('version')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const key = `${id} ${version}`;
  const known = imagesOfVersion.get(key);
  if (known !== undefined) return { version, images: known };
  const row = await db
    .selectFrom('package_versions')
    .select('manifest_json')
    .where('package_id', '=', id)
    .where('version', '=', version)
    .executeTakeFirstOrThrow();
  const { images } = WithImages.parse(JSON.parse(row.manifest_json));
  const [oldest] = imagesOfVersion.keys();
  if (imagesOfVersion.size >= MAX_KEPT && oldest !== undefined) imagesOfVersion.delete(oldest);
  imagesOfVersion.set(key, images);
  return { version, images };
}
