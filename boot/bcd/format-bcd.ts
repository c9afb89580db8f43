import type { BcdDevice, BcdVolume } from './device.ts';
import { type ElementName, elementNames } from './element-names.ts';
import { type BcdValue, elementId } from './element-value.ts';
import { titleOf, wellKnown, wellKnownName } from './object-kinds.ts';
import type { BcdElement, BcdObject, BcdStore } from './store.ts';

/** How a store is printed. */
export interface ListingOptions {
  /** GUIDs instead of names, as `bcdedit /v`. */
  readonly verbose?: boolean;
  /** The loader of the running Windows, printed as `{current}`. */
  readonly current?: string;
  /**
   * What Windows calls a partition, as `C:` or `\Device\HarddiskVolume1`. Without it the partition's
   * GUID is printed, or disk signature and offset.
   */
  readonly volumeName?: (volume: BcdVolume) => string | undefined;
}

const COLUMN = 24;

/** A store as `bcdedit /enum all` prints it in English: sections by type and id, settings by id. Lines end with LF. */
export function formatBcd(store: BcdStore, options: ListingOptions = {}): string {
  const names = nameOfObjects(store, options);
  const objects = store.objects.toSorted(
    (a, b) => a.type - b.type || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0),
  );
  return objects.map((object) => section(object, names, options)).join('\n');
}

function section(
  object: BcdObject,
  names: (id: string) => string,
  options: ListingOptions,
): string {
  const title = titleOf(object);
  const known = elementNames(object.type);
  const settings = object.elements
    .toSorted((a, b) => a.id - b.id)
    .flatMap((element) => {
      const name = known.find((entry) => entry.id === element.id);
      const values = printed(element, { name, names, options });
      return lines(name?.name ?? `custom:${elementId(element.id)}`, values);
    });
  const identifier = lines('identifier', [names(object.id)]);
  return [title, '-'.repeat(title.length), ...identifier, ...settings, ''].join('\n');
}

function lines(name: string, [first = '', ...rest]: readonly string[]): string[] {
  const label = name.padEnd(Math.max(COLUMN, name.length + 1));
  return [`${label}${first}`.trimEnd(), ...rest.map((value) => ' '.repeat(COLUMN) + value)];
}

interface Names {
  readonly name: ElementName | undefined;
  readonly names: (id: string) => string;
  readonly options: ListingOptions;
}

function printed({ value }: BcdElement, { name, names, options }: Names): string[] {
  switch (value.kind) {
    case 'device':
      return [deviceText(value.device, { names, options })];
    case 'string':
      return [value.text];
    case 'object':
      return [names(value.object)];
    case 'objects':
      return value.objects.map(names);
    case 'integer':
      return [integerText(value, name)];
    case 'boolean':
      return [value.on ? 'Yes' : 'No'];
    case 'integers':
      return value.integers.map((integer) => `0x${integer.toString(16)}`);
    case 'unknown':
      return [[...value.data].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')];
  }
}

function integerText({ integer }: BcdValue & { kind: 'integer' }, name?: ElementName): string {
  if (name?.hexadecimal) return `0x${integer.toString(16)}`;
  return name?.choices?.[Number(integer)] ?? integer.toString();
}

function deviceText(device: BcdDevice, { names, options }: Omit<Names, 'name'>): string {
  switch (device.kind) {
    case 'boot':
      return 'boot';
    case 'gpt-partition':
    case 'mbr-partition':
      return `partition=${volumeText(device, options)}`;
    case 'ramdisk':
      return `ramdisk=[${volumeText(device.source, options)}]${device.path},${names(device.options)}`;
    case 'other':
      return 'unknown';
  }
}

function volumeText(volume: BcdVolume, { volumeName }: ListingOptions): string {
  const name = volumeName?.(volume);
  if (name !== undefined) return name;
  switch (volume.kind) {
    case 'boot':
      return 'boot';
    case 'gpt-partition':
      return `{${volume.partition}}`;
    case 'mbr-partition':
      return `0x${volume.diskSignature.toString(16).padStart(8, '0')}+${volume.offsetBytes}`;
  }
}

function nameOfObjects(store: BcdStore, options: ListingOptions): (id: string) => string {
  if (options.verbose === true) return (id) => `{${id}}`;
  const bootManager = store.objects.find(({ id }) => id === wellKnown.bootmgr);
  const byDefault = bootManager?.elements.find(({ id }) => id === 0x23000003)?.value;
  const defaultId = byDefault?.kind === 'object' ? byDefault.object : undefined;
  return (id) => {
    if (id === options.current) return '{current}';
    return `{${wellKnownName(id) ?? (id === defaultId ? 'default' : id)}}`;
  };
}
