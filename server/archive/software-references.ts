import type { ContentManifest } from '#agent/protocol/content.ts';
import type { PackageId } from '#agent/protocol/identity.ts';
import { Application, applicationReferences } from '#agent/sequence/application.ts';
import { PackageProgram } from '#agent/sequence/package-program.ts';
import type { ContentReference } from '#agent/sequence/references.ts';
import { resolveBy } from '../inventory/pin.ts';
import type { ArchivedObject } from './manifest.ts';

/** What software leads to: another application, or a package with files or a program. */
export interface SoftwareReference {
  readonly kind: 'application' | 'package';
  readonly reference: ContentReference;
}

/** References of an application, and of the programs of a package: what is run first of another one. */
export function softwareReferences({
  application,
  programs,
}: Pick<ContentManifest, 'application' | 'programs'>): readonly SoftwareReference[] {
  const { data } = Application.safeParse(application);
  const own = data === undefined ? undefined : applicationReferences(data);
  return [
    ...(own?.applications ?? []).map((reference) => ({ kind: 'application' as const, reference })),
    ...(own?.packages ?? []).map((reference) => ({ kind: 'package' as const, reference })),
    ...programsOf({ programs }).flatMap(({ runFirst }) =>
      runFirst?.package === undefined
        ? []
        : [{ kind: 'package' as const, reference: runFirst.package }],
    ),
  ];
}

/** The programs of a package; one that is not understood is none. */
export function programsOf({ programs = [] }: Pick<ContentManifest, 'programs'>): PackageProgram[] {
  return programs.flatMap((each) => PackageProgram.safeParse(each).data ?? []);
}

/** The object of an archive that a reference there means. */
export type FindObject = (one: SoftwareReference) => ArchivedObject | undefined;

export function objectFinder(objects: readonly ArchivedObject[]): FindObject {
  const resolve = resolveBy(objects);
  const byId = new Map<PackageId, ArchivedObject>(objects.map((each) => [each.id, each]));
  return ({ kind, reference }) => {
    const id = resolve(reference, kind);
    const found = id === undefined ? undefined : byId.get(id);
    return found !== undefined && (found.kind === 'application') === (kind === 'application')
      ? found
      : undefined;
  };
}
