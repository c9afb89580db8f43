import { createHash } from 'node:crypto';
import type { ContentManifest, ContentObject } from '../protocol/content.ts';
import type { PackageId } from '../protocol/identity.ts';
import type { RunGrant } from '../protocol/policy.ts';
import type { VerifiedObject } from '../sequence/platform.ts';
import { type ContentAccess, StepError } from '../sequence/step.ts';
import type { ClientCache } from './client-cache.ts';
import type { PackageFolders } from './content-folder.ts';
import { keepPackage } from './kept-package.ts';
import { openSealed } from './sealed-files.ts';
import { type ObjectSources, openVerified, whyNoByte } from './verified-object.ts';

/** The content pinned in a run's grant, as it is now, as steps see it. @param options `folders`: where packages become files */
export function runContent(
  grant: () => Pick<RunGrant, 'content' | 'driverPackages' | 'software'>,
  options: Omit<ObjectSources, 'sources'> & {
    /** Where a package is now; else where it was when the run was granted. */
    readonly sourcesOf?: (packageId: PackageId) => readonly string[];
    readonly folders?: PackageFolders;
    /** In an installed system: what is in it is not fetched. */
    readonly cache?: ClientCache | undefined;
    /** What was put on the disk before the run: not fetched, as far as it is there and right. */
    readonly staged?: ObjectSources['local'];
    /** Packages are not kept for the steps that follow: *access content directly from a distribution point*. */
    readonly keepNothing?: boolean;
  },
  signal: AbortSignal,
): ContentAccess {
  const found = (packageId: PackageId) => {
    const content = Object.entries(grant().content).find(([id]) => id === packageId)?.[1];
    if (content?.kind === 'found')
      return {
        manifest: content.manifest,
        sources: () => options.sourcesOf?.(packageId) ?? content.sources,
        ...localOf(content.manifest),
      };
    throw new StepError(
      'content.missing',
      content?.reason ?? `Package ${packageId} is not part of what the run was granted`,
      { exitCode: 0x80040104, hint: 'Distribute the package, then deploy the machine again.' },
    );
  };
  const { cache } = options;
  const { staged } = options;
  const localOf = (manifest: ContentManifest): Pick<ObjectSources, 'local'> => {
    if (cache === undefined) return staged === undefined ? {} : { local: staged };
    return {
      local: async (object, range) =>
        (await cache.read(manifest, object, range)) ?? staged?.(object, range),
    };
  };
  const cached = new Map<PackageId, string>();
  const inCache = async (
    { manifest, ...places }: ReturnType<typeof found>,
    stepSignal: AbortSignal,
  ): Promise<string> => {
    const { packageId } = manifest;
    const known = cached.get(packageId);
    if (known !== undefined) return known;
    if (cache === undefined) throw new Error('this system has no cache');
    const either = AbortSignal.any([signal, stepSignal]);
    const openObject = (object: ContentObject) =>
      openVerified(object, { ...options, ...places }, either);
    const folder = await cache.keep(manifest, openObject, either);
    cached.set(packageId, folder);
    return folder;
  };
  /** Asks for keys of secret packages, while a step runs. */
  let askKey: Parameters<NonNullable<ContentAccess['stepStarted']>>[0] | undefined;
  const keys = new Map<PackageId, Promise<Uint8Array>>();
  /** The key of a package that is secret, while a step runs; undefined for any other. */
  const keyOf = async (
    { packageId, sealed }: ContentManifest,
    asking: AbortSignal,
  ): Promise<Uint8Array | undefined> => {
    if (sealed === undefined) return undefined;
    const known = keys.get(packageId);
    if (known !== undefined) return known;
    if (askKey === undefined)
      throw new StepError('content.sealed', `Package ${packageId} is secret, and no step runs`, {
        hint: 'Its key is given to a step while it runs.',
      });
    const given = askKey(packageId, asking);
    keys.set(packageId, given);
    given.catch(() => keys.delete(packageId));
    return given;
  };
  /** Reads an object, in the clear with the key of its package. */
  const reader =
    (
      places: Pick<ObjectSources, 'sources' | 'local'>,
      key: Uint8Array | undefined,
      either: AbortSignal,
    ) =>
    (object: ContentObject): VerifiedObject => {
      const verified = openVerified(object, { ...options, ...places }, either);
      return key === undefined ? verified : openSealed(object, verified, key);
    };
  const filesOf = async (
    { manifest, ...places }: ReturnType<typeof found>,
    stepSignal: AbortSignal,
    part?: string,
  ): Promise<string> => {
    if (options.folders === undefined)
      throw new StepError(
        'content.write',
        `Package ${manifest.packageId} has no place on this machine`,
      );
    const either = AbortSignal.any([signal, stepSignal]);
    const key = await keyOf(manifest, either);
    const openObject = reader(places, key, either);
    return options.folders.folder(manifest, openObject, either, { part, key });
  };
  return {
    manifest: (packageId) => found(packageId).manifest,
    async whyUnreachable(packageId, asking) {
      const { manifest, sources } = found(packageId);
      if (await cache?.has(manifest)) return undefined;
      const object = manifest.objects.find(({ sizeBytes }) => sizeBytes > 0);
      if (object === undefined) return undefined;
      return whyNoByte(object, { ...options, sources }, AbortSignal.any([signal, asking]));
    },
    async open(packageId, path) {
      const { manifest, ...places } = found(packageId);
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
      return reader(places, await keyOf(manifest, signal), signal)(object);
    },
    async folder(packageId, stepSignal, lasting = false) {
      const one = found(packageId);
      // A secret one lies sealed there: it is opened from it.
      if (one.manifest.sealed === undefined && (await cache?.has(one.manifest)))
        return inCache(one, stepSignal);
      const folder = await filesOf(one, stepSignal);
      if (lasting) options.folders?.hold(folder);
      return folder;
    },
    stepStarted(key) {
      askKey = key;
    },
    async stepEnded() {
      askKey = undefined;
      const opened = new Set(keys.keys());
      keys.clear();
      if (options.keepNothing === true) await options.folders?.release();
      else if (opened.size > 0) await options.folders?.release(opened);
    },
    async keep(packageId, parent, stepSignal) {
      const { manifest, ...places } = found(packageId);
      if (parent === cache?.folder) {
        if (manifest.sealed === undefined) return inCache({ manifest, ...places }, stepSignal);
        throw new StepError(
          'content.sealed',
          `Package ${packageId} is secret: it is in the cache of the client only sealed`,
          {
            hint: 'Download it to the working directory of the task sequence, or name a path.',
          },
        );
      }
      const either = AbortSignal.any([signal, stepSignal]);
      const key = await keyOf(manifest, either);
      return keepPackage(
        manifest,
        { parent, openObject: reader(places, key, either), key },
        either,
      );
    },
    software: () => grant().software ?? [],
    ...(cache === undefined
      ? {}
      : {
          clientCache: cache.folder,
          async downloadAll(packageIds, onPackage, stepSignal) {
            const all = packageIds.map((id) => found(id));
            await cache.assertFits(all.map(({ manifest }) => manifest));
            for (const one of all) {
              onPackage(one.manifest);
              await inCache(one, stepSignal);
            }
          },
        }),
    driverPackages: () => grant().driverPackages ?? [],
    async part(packageId, objects, stepSignal) {
      const { manifest, ...places } = found(packageId);
      const some = { manifest: { ...manifest, objects: [...objects] }, ...places };
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
