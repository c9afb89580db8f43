import { ContentManifest } from '#agent/protocol/content.ts';

/** A package with programs, for tests. */
export function programPackage(
  id: string,
  programs: readonly object[],
  name = id,
): ContentManifest {
  return ContentManifest.parse({
    packageId: id,
    version: 1,
    name,
    kind: 'package',
    objects: [{ path: 'setup.exe', sizeBytes: 1, sha256: 'ab'.repeat(32), chunks: [] }],
    programs,
  });
}

/** An application as the grant has it, for tests. */
export function madeApplication(id: string, application: object, name = id): ContentManifest {
  return ContentManifest.parse({
    packageId: id,
    version: 1,
    name,
    kind: 'application',
    objects: [],
    application: { name, ...application },
  });
}
