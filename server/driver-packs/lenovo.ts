import { childOf, childrenOf } from '#media/xml/read-xml.ts';
import type { FoundFacts, PackText } from './pack-facts.ts';
import { rootOf } from './xml-root.ts';

/**
 * Lenovo's SCCM package: its name has the machine types, `tp_t14_gen4_mt21hd_21he_w11_22_202307.exe`. The catalogue
 * (`catalogv2.xml`), where it lies beside, also has the name of the model. Undefined where neither says anything.
 */
export function lenovoFacts(fileName: string, texts: readonly PackText[]): FoundFacts | undefined {
  return fromCatalogue(fileName, texts) ?? fromName(fileName);
}

function fromName(fileName: string): FoundFacts | undefined {
  const [, types] = /_mt([0-9a-z]{4}(?:[-_][0-9a-z]{4})*)_(?=w(?:in)?1)/i.exec(fileName) ?? [];
  if (types === undefined || !/^(?:tp|tc|ts|ideapad|lenovo|[a-z0-9]+)_/i.test(fileName))
    return undefined;
  const [, version] = /_(\d{6,8})\.[a-z0-9]+$/i.exec(fileName) ?? [];
  const [, windows] = /_w(?:in)?(10|11)/i.exec(fileName) ?? [];
  return {
    vendor: 'lenovo',
    ...(version === undefined ? {} : { version }),
    lenovoTypes: types.split(/[-_]/).map((each) => each.toUpperCase()),
    windows: windows === undefined ? [] : [windows === '10' ? 'windows-10' : 'windows-11'],
    architectures: ['x64'],
  };
}

function fromCatalogue(fileName: string, texts: readonly PackText[]): FoundFacts | undefined {
  const key = fileName.toLowerCase();
  for (const { name, text } of texts) {
    const root = /\.xml$/i.test(name) ? rootOf(text) : undefined;
    if (root?.name !== 'ModelList') continue;
    for (const model of childrenOf(root, 'Model'))
      for (const pack of childrenOf(model, 'SCCM')) {
        if (pack.text.trim().split('/').at(-1)?.toLowerCase() !== key) continue;
        const types = childOf(model, 'Types');
        const { os = '', version = '' } = pack.attributes;
        return {
          vendor: 'lenovo',
          version: version === '' ? null : version,
          models: [model.attributes['name'] ?? ''].filter((each) => each !== ''),
          lenovoTypes: (types === undefined ? [] : childrenOf(types, 'Type')).map((each) =>
            each.text.trim().toUpperCase(),
          ),
          windows: os === 'win10' ? ['windows-10'] : os === 'win11' ? ['windows-11'] : [],
          architectures: ['x64'],
        };
      }
  }
  return undefined;
}
