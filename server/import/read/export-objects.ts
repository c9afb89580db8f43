import { readInstance } from './cim-instance.ts';
import type { SourceObject } from './read-sources.ts';
import { childrenOf, parseXml, type XmlBudget, type XmlElement } from './xml.ts';

/**
 * Adds the names in `ReferencesInfo.xml` and `AppReferencesInfo.xml`: a list of texts, each an escaped
 * instance that names a package by its id.
 * @throws {ImportError} `import.xml*`
 */
export function addReferenceNames(
  names: Map<string, string>,
  list: XmlElement,
  { from, budget }: { readonly from: string; readonly budget: XmlBudget },
): void {
  for (const { text } of childrenOf(list, 'string')) {
    if (text.trim() === '') continue;
    const { values } = readInstance(parseXml(text.trim(), from, budget));
    const name = values.get('ReferenceName') ?? displayName(values);
    if (name === undefined) continue;
    for (const key of ['ReferencePackageID', 'RefAppModelName', 'RefAppPackageID', 'ModelName']) {
      const id = values.get(key)?.trim().toLowerCase();
      if (id !== undefined && !names.has(id)) names.set(id, name.trim());
    }
  }
}

/** What an application is called; its class has no property for it in the documentation. */
function displayName(values: ReadonlyMap<string, string>): string | undefined {
  return [...values].find(([key]) => /displayname$|^refappname$/i.test(key))?.[1];
}

/** The object of an `object.xml`; undefined where it names no id. */
export function objectOf(
  root: XmlElement,
  contentFolder: string | undefined,
): SourceObject | undefined {
  if (root.name !== 'INSTANCE') return undefined;
  const { className, values } = readInstance(root);
  const id = values.get('PackageID') ?? values.get('ModelName') ?? values.get('CI_UniqueID');
  if (id === undefined) return undefined;
  const name = values.get('LocalizedDisplayName') ?? values.get('Name') ?? id;
  return {
    id: id.trim(),
    kind: className,
    name: name.trim(),
    ...(contentFolder === undefined ? {} : { contentFolder }),
  };
}

/**
 * Adds the folders of `Manifest.xml` by the ids of the contents in them, lower case; `PACKAGE_CONTENT.xml`
 * beside an object has its id.
 */
export function addContentFolders(folders: Map<string, string>, manifest: XmlElement): void {
  for (const contents of childrenOf(manifest, 'Contents'))
    for (const { attributes } of childrenOf(contents, 'Content')) {
      const { UniqueId: id = '', RelativePath: folder = '' } = attributes;
      if (id !== '' && folder !== '') folders.set(id.toLowerCase(), folder);
    }
}
