import type { XmlElement } from '#media/xml/read-xml.ts';

/** The first prefix that is used where nothing declares it, and where. */
export function checkNamespaces(
  element: XmlElement,
  around: ReadonlySet<string> = new Set(['xml', 'xmlns']),
): { readonly prefix: string; readonly element: XmlElement } | undefined {
  const names = Object.keys(element.attributes);
  const own = names.flatMap((name) => (name.startsWith('xmlns:') ? [name.slice(6)] : []));
  const declared = own.length === 0 ? around : new Set([...around, ...own]);
  for (const name of [element.name, ...names]) {
    const colon = name.indexOf(':');
    const prefix = name.slice(0, Math.max(0, colon));
    if (colon >= 0 && !declared.has(prefix)) return { prefix, element };
  }
  for (const child of element.children) {
    const found = checkNamespaces(child, declared);
    if (found !== undefined) return found;
  }
  return undefined;
}
