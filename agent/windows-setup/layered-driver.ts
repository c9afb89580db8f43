/** The keyboard of a Japanese or Korean Windows, as `dism /Set-LayeredDriver` sets it. Pure. */
import type { RegistryEdit } from '../sequence/windows-capability.ts';

const KEY = 'CurrentControlSet\\Services\\i8042prt\\Parameters';

/** By the number of the setting: which layer driver is for which language, and what keyboard it stands for. */
const layers: Readonly<
  Record<number, { language: 'JPN' | 'KOR'; dll: string; type: number; subtype: number }>
> = {
  1: { language: 'JPN', dll: 'kbd101', type: 7, subtype: 0 },
  2: { language: 'KOR', dll: 'kbd101a', type: 8, subtype: 3 },
  3: { language: 'KOR', dll: 'kbd101b', type: 8, subtype: 4 },
  4: { language: 'KOR', dll: 'kbd101c', type: 8, subtype: 5 },
  5: { language: 'KOR', dll: 'kbd103', type: 8, subtype: 6 },
  6: { language: 'JPN', dll: 'kbd106', type: 7, subtype: 2 },
};

/** Changes of the SYSTEM hive; none for 0. */
export function layeredDriverEdits(layeredDriver: number): readonly RegistryEdit[] {
  const layer = layers[layeredDriver];
  if (layer === undefined) return [];
  const { language, dll, type, subtype } = layer;
  const set = (name: string, value: (RegistryEdit & { kind: 'set' })['value']): RegistryEdit => ({
    kind: 'set',
    key: KEY,
    name,
    value,
  });
  const identifier = `PCAT_${dll.slice('kbd'.length).toUpperCase()}KEY`;
  return [
    set(`LayerDriver ${language}`, { type: 'REG_SZ', data: `${dll}.dll` }),
    set('OverrideKeyboardIdentifier', { type: 'REG_SZ', data: identifier }),
    set('OverrideKeyboardType', { type: 'REG_DWORD', data: type }),
    set('OverrideKeyboardSubtype', { type: 'REG_DWORD', data: subtype }),
  ];
}
