import type { ContentManifest } from '#agent/protocol/content.ts';
import type { PackageId } from '#agent/protocol/identity.ts';
import { type ContentAccess, StepError } from '#agent/sequence/step.ts';

/**
 * Content by manifest alone: objects of zeros, as nothing on a simulated machine looks into most of them. Those
 * that a step reads are in `files`, by package and path: `MWL00002/unattend.xml`.
 */
export function contentOf(
  manifests: readonly ContentManifest[],
  files: Readonly<Record<string, Uint8Array>> = {},
): ContentAccess {
  const known = new Map(manifests.map((manifest) => [manifest.packageId, manifest]));
  const manifest = (packageId: PackageId): ContentManifest => {
    const found = known.get(packageId);
    if (found !== undefined) return found;
    throw new StepError('content.missing', `Package ${packageId} is on no distribution point`);
  };
  return {
    manifest,
    async open(packageId, path) {
      const { objects } = manifest(packageId);
      const found = path === undefined ? objects[0] : objects.find((each) => each.path === path);
      if (found === undefined)
        throw new StepError('content.missing', `Package ${packageId} has no ${path ?? 'object'}`);
      const name = `${packageId}/${found.path}`;
      const bytes = files[name];
      return {
        path: name,
        sizeBytes: bytes?.length ?? found.sizeBytes,
        read: async (offset, length) =>
          bytes?.subarray(offset, offset + length) ?? new Uint8Array(length),
      };
    },
    software: () =>
      manifests.flatMap(({ packageId, kind, programs }) =>
        kind === 'application' || programs !== undefined ? [packageId] : [],
      ),
    clientCache: 'C:\\Windows\\ccmcache',
    async keep(packageId, parent) {
      manifest(packageId);
      return `${parent}/${packageId}`;
    },
    async folder(packageId) {
      manifest(packageId);
      return `/simulated/content/${packageId}`;
    },
  };
}
