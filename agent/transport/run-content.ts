import { createHash } from 'node:crypto';
import type { ContentObject } from '../protocol/content.ts';
import type { PackageId } from '../protocol/identity.ts';
import type { RunGrant } from '../protocol/policy.ts';
import { type ContentAccess, StepError } from '../sequence/step.ts';
import type { PackageFolders } from './content-folder.ts';
import { keepPackage } from './kept-package.ts';
import { type ObjectSources, openVerified, whyNoByte } from './verified-object.ts';

/** The content pinned in a run's grant, as it is now, as steps see it. @param options `folders`: where packages become files */
export function runContent(
  grant: () => Pick<RunGrant, 'content' | 'driverPackages' | 'software'>,
  options: Omit<ObjectSources, 'sources'> & {
    /** Where a package is now; else where it was when the run was granted. */
    readonly sourcesOf?: (packageId: PackageId) => readonly string[];
    readonly folders?: PackageFolders;
    readonly clientCache?: string | undefined;
  },
  signal: AbortSignal,
): ContentAccess {
  const found = (packageId: PackageId) => {
    const content = Object.entries(grant().content).find(([id]) => id === packageId)?.[1];
    if (content?.kind === 'found')
      return {
        manifest: content.manifest,
        sources: () => options.sourcesOf?.(packageId) ?? content.sources,
      };
    throw new StepError(
      'content.missing',
      content?.reason ?? `Package ${packageId} is not part of what the run was granted`,
      { exitCode: 0x80040104, hint: 'Distribute the package, then deploy the machine again.' },
    );
  };
  const filesOf = async (
    { manifest, sources }: ReturnType<typeof found>,
    stepSignal: AbortSignal,
    part?: string,
  ): Promise<string> => {
    if (options.folders === undefined)
      throw new StepError(
        'content.write',
        `Package ${manifest.packageId} has no place on this machine`,
      );
    const either = AbortSignal.any([signal, stepSignal]);
    const openObject = (object: ContentObject) =>
      openVerified(object, { ...options, sources }, either);
    return options.folders.folder(manifest, openObject, either, part);
  };
  return {
    manifest: (packageId) => found(packageId).manifest,
    async whyUnreachable(packageId, asking) {
      const { manifest, sources } = found(packageId);
      const object = manifest.objects.find(({ sizeBytes }) => sizeBytes > 0);
      if (object === undefined) return undefined;
      return whyNoByte(object, { ...options, sources }, AbortSignal.any([signal, asking]));
    },
    async open(packageId, path) {
      const { manifest, sources } = found(packageId);
      const object =
        path === undefined
          ? manifest.objects[0]
          : manifest.objects.find((object) => object.path === path);
      if (!object || (path === undefined && manifest.objects.length !== 1))
        throw new StepError(
          'content.missing',
          `package ${packageId} version ${manifest.version} has ${manifest.objects.length} files${path === undefined ? ', not one' : `, none is ${path}`}`,
          { exitCode: 0x80070002 },
        );
      return openVerified(object, { ...options, sources }, signal);
    },
    folder: async (packageId, stepSignal) => filesOf(found(packageId), stepSignal),
    async keep(packageId, parent, stepSignal) {
      const { manifest, sources } = found(packageId);
      const either = AbortSignal.any([signal, stepSignal]);
      const openObject = (object: ContentObject) =>
        openVerified(object, { ...options, sources }, either);
      return keepPackage(manifest, { parent, openObject }, either);
    },
    ...(options.clientCache === undefined ? {} : { clientCache: options.clientCache }),
    software: () => grant().software ?? [],
    driverPackages: () => grant().driverPackages ?? [],
    async part(packageId, objects, stepSignal) {
      const { manifest, sources } = found(packageId);
      const some = { manifest: { ...manifest, objects: [...objects] }, sources };
      return filesOf(some, stepSignal, partName(objects));
    },
  };
}

/** A folder of its own for each choice of objects. */
function partName(objects: readonly ContentObject[]): string {
  const hash = createHash('sha256');
  for (const { path, sha256 } of objects) hash.update(`${path}\0${sha256}\n`);
  return hash.digest('hex').slice(0, 12);
}
