import { decodeText } from '../../read/decode-text.ts';
import { parseXml, type XmlElement } from '../../read/xml.ts';
import type { ShareFolder } from './share-folder.ts';

/** One element of a list of the folder Control: an operating system, an application, a group. */
export interface ControlItem {
  /** `{…}`, as written. */
  readonly guid: string;
  readonly isEnabled: boolean;
  readonly name: string;
  /** The first value of each field, without blanks around; by name in lower case. */
  readonly fields: ReadonlyMap<string, string>;
  /** All values of the fields that may stand more than once: `Member`, `Dependency`. */
  all(field: string): readonly string[];
}

/** A list of drivers has a hundred thousand lines in a large share. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * The elements of a list, `Applications.xml`; none where the share has no such file.
 * @throws {ImportError} `import.*`: it cannot be read
 */
export async function readControlList(
  share: ShareFolder,
  file: string,
): Promise<readonly ControlItem[]> {
  const root = await readControlXml(share, file);
  return (root?.children ?? []).flatMap((element) => {
    const guid = element.attributes['guid']?.trim() ?? '';
    return guid === '' ? [] : [itemOf(element, guid)];
  });
}

/** A file of the folder Control as XML; undefined where it is not there. */
export async function readControlXml(
  share: ShareFolder,
  file: string,
): Promise<XmlElement | undefined> {
  const path = `Control\\${file}`;
  if ((await share.find(path))?.isFolder !== false) return undefined;
  const bytes = await share.read(path, MAX_BYTES);
  return parseXml(decodeText(bytes, path), path);
}

function itemOf(element: XmlElement, guid: string): ControlItem {
  const fields = new Map<string, string>();
  for (const { name, text } of element.children)
    if (!fields.has(name.toLowerCase())) fields.set(name.toLowerCase(), text.trim());
  return {
    guid,
    isEnabled: element.attributes['enable']?.trim().toLowerCase() !== 'false',
    name: fields.get('name') ?? '',
    fields,
    all: (field) =>
      element.children
        .filter(({ name }) => name.toLowerCase() === field.toLowerCase())
        .map(({ text }) => text.trim())
        .filter(Boolean),
  };
}
