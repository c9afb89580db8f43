import { ContentManifest } from '#agent/protocol/content.ts';
import type { PackageId } from '#agent/protocol/identity.ts';
import { ContentVersions, type DistributionPointDetail } from '../http/api-content.ts';
import type { ApiClient } from './api-client.ts';
import { findByName } from './find-by-name.ts';

/** A version of a package that a distribution point is to have. */
export type PointVersion = ContentVersions[number];

/** Newest versions of all packages, and older ones that open runs use. */
export function listVersions(api: ApiClient): Promise<ContentVersions> {
  return api.call('GET', '/packages/versions', ContentVersions);
}

/** Reads what is in a version of a package. */
export async function readManifest(
  api: ApiClient,
  { packageId, version }: Pick<PointVersion, 'packageId' | 'version'>,
): Promise<ContentManifest> {
  return await api.call(
    'GET',
    `/packages/${packageId}/manifest?version=${version}`,
    ContentManifest,
  );
}

/** The ids of packages that were named by id or name. @throws {CliError} `cli.unknown-name` */
export function packagesNamed(
  versions: ContentVersions,
  wanted: readonly string[],
): ReadonlySet<PackageId> {
  const newest = versions.filter((one) => one.newest);
  return new Set(
    wanted.map(
      (name) =>
        findByName(newest, name, {
          what: 'package',
          listCommand: 'metalwright package list',
          names: (each) => [each.packageId, each.name],
          label: (each) => `"${each.name}" (${each.packageId})`,
        }).packageId,
    ),
  );
}

/**
 * The versions that a distribution point is to have: the newest of each package, and older ones that are
 * there and that an open run still uses.
 */
export function versionsFor(
  versions: ContentVersions,
  packages: ReadonlySet<PackageId>,
  held: DistributionPointDetail['packages'],
): readonly PointVersion[] {
  const isHeld = (one: PointVersion) =>
    held.some(({ packageId, version }) => packageId === one.packageId && version === one.version);
  return versions.filter((one) => packages.has(one.packageId) && (one.newest || isHeld(one)));
}
