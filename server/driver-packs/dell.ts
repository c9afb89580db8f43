import { childOf, childrenOf, type XmlElement } from '#media/xml/read-xml.ts';
import type { FoundFacts, PackText } from './pack-facts.ts';
import { rootOf } from './xml-root.ts';

/**
 * Dell's packs: `manifest.xml` or `package.xml` in it, or the catalogue (`DriverPackCatalog.xml`) beside it. All have
 * `SupportedSystems` with models by `systemID`, which is the System SKU Number of SMBIOS. A catalogue has many packs: the
 * one of this file's name counts. Undefined where none of it is there.
 */
export function dellFacts(fileName: string, texts: readonly PackText[]): FoundFacts | undefined {
  for (const { name, text } of texts) {
    const root = /\.xml$/i.test(name) ? rootOf(text) : undefined;
    const pack = root === undefined ? undefined : packIn(root, fileName);
    if (pack === undefined) continue;
    const models = [...below(pack, 'Model')];
    const systems = [...below(pack, 'OperatingSystem')];
    if (models.length === 0) continue;
    const codes = systems.map(({ attributes }) => (attributes['osCode'] ?? '').toLowerCase());
    const version = pack.attributes['dellVersion'] ?? pack.attributes['vendorVersion'] ?? '';
    return {
      vendor: 'dell',
      version: version === '' ? null : version,
      models: unique(models.map((each) => nameOf(each))),
      systemSkus: unique(models.map((each) => (each.attributes['systemID'] ?? '').toUpperCase())),
      windows: [
        ...(codes.some((code) => /windows10|^w10/.test(code)) ? (['windows-10'] as const) : []),
        ...(codes.some((code) => /windows11|^w11|^w21/.test(code))
          ? (['windows-11'] as const)
          : []),
      ],
      architectures: unique(
        systems.map(({ attributes }) => (attributes['osArch'] ?? '').toLowerCase()),
      ).flatMap((each) => (each === 'x64' || each === 'x86' || each === 'arm64' ? [each] : [])),
    };
  }
  return undefined;
}

function packIn(root: XmlElement, fileName: string): XmlElement | undefined {
  const packs = root.name === 'DriverPackage' ? [root] : [...below(root, 'DriverPackage')];
  if (packs.length === 0)
    return /^(?:SoftwareComponent|.*Manifest)$/i.test(root.name) ? root : undefined;
  if (packs.length === 1) return packs[0];
  const key = fileName.toLowerCase();
  return packs.find(
    (each) => (each.attributes['path'] ?? '').split(/[\\/]/).at(-1)?.toLowerCase() === key,
  );
}

/** `Latitude 5440`: its own name, or that of its brand before a number. */
function nameOf(model: XmlElement): string {
  const display = childOf(model, 'Display')?.text.trim() ?? '';
  return model.attributes['name'] ?? display;
}

function* below(element: XmlElement, name: string): Generator<XmlElement> {
  yield* childrenOf(element, name);
  for (const child of element.children) yield* below(child, name);
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)].filter((each) => each !== '');
}
