import type { ReferenceKind } from '#agent/sequence/step.ts';
import type { MapStep } from '../map-step.ts';
import { NONE_CHOSEN, type StepReader } from '../step-reader.ts';
import { switchBeside } from './setting-values.ts';
import { typed } from './typed-step.ts';

/** Types of packages (SMS_Package.PackageType), and what the step here calls them. */
const kinds = new Map<string, { readonly param: string; readonly kind: ReferenceKind }>([
  ['0', { param: 'package', kind: 'package' }],
  ['3', { param: 'driverPackage', kind: 'driver-package' }],
  ['257', { param: 'osImage', kind: 'os-image' }],
  ['258', { param: 'bootImage', kind: 'boot-image' }],
  ['259', { param: 'osUpgradePackage', kind: 'os-upgrade-package' }],
]);
const anyPackage = { param: 'package', kind: 'package' } as const;
const locations = new Map([
  ['tscache', 'task-sequence'],
  ['ccmcache', 'client-cache'],
  ['custom', 'custom'],
]);
const INFO = /^(?:PackageInfo|OSDPackage)(\d+)(PackageId|Name|PkgType|Size)$/i;

/** Download Package Content. */
export const downloadPackageContent: MapStep = (reader) => {
  const packages = downloadsOf(reader);
  if (packages.length === 0)
    reader.need({
      kind: 'reference',
      message: 'The packages to download are not chosen in the file',
      hint: 'Choose them, or disable the step.',
    });
  const path = reader.text('DestinationCustomPath', 'OSDDownloadDestinationPath')?.trim();
  return typed(reader, 'download-content', {
    packages: packages.length > 0 ? packages : [{ package: { name: NONE_CHOSEN } }],
    location: locationOf(reader, path),
    path,
    baseVariable: reader.text('DestinationVariable', 'OSDDownloadDestinationVariable')?.trim(),
    continueOnDownloadError: switchBeside(
      reader,
      true,
      'ContinueDownloadOnError',
      'OSDDownloadContinueDownloadOnError',
    ),
  });
};

function locationOf(reader: StepReader, path: string | undefined): string | undefined {
  const text = reader.text('DestinationLocationType', 'OSDDownloadDestinationLocationType')?.trim();
  const location = text === undefined ? undefined : (locations.get(text.toLowerCase()) ?? text);
  if (location === 'task-sequence') return undefined;
  if (location !== 'custom' || path !== undefined) return location;
  reader.need({
    kind: 'setting',
    message: 'The custom path to download to is not in the file; it is the folder of the run now',
  });
  return undefined;
}

/** In the order of the list: the variables for their folders are numbered by it. */
function downloadsOf(reader: StepReader): readonly object[] {
  reader.ignore('NumPackages', 'OSDPackageCount', 'PackageInfo', 'OSDPackage');
  const infos = new Map<string, Map<string, string>>();
  for (const { name, value } of reader.matching(INFO)) {
    const [, index = '', member = ''] = INFO.exec(name) ?? [];
    const known = infos.get(index) ?? new Map<string, string>();
    infos.set(index, known.set(member.toLowerCase(), value.trim()));
  }
  const byId = new Map([...infos.values()].map((info) => [info.get('packageid') ?? '', info]));
  const listed = reader.text('DownloadPackages', 'OSDDownloadDownloadPackages') ?? '';
  const ids = listed.split(/[\s,;]+/).filter(Boolean);
  return (ids.length > 0 ? ids : [...byId.keys()].filter(Boolean)).map((id) => {
    const info = byId.get(id);
    const { param, kind } = kinds.get(info?.get('pkgtype') ?? '') ?? anyPackage;
    return { [param]: { name: nameOf(reader, kind, id, info?.get('name') ?? '') } };
  });
}

/** The name that the export has for it, else the one that the step tells, else its id. */
function nameOf(reader: StepReader, kind: ReferenceKind, id: string, told: string): string {
  const named = reader.context.names.get(id.toLowerCase()) ?? (told === '' ? undefined : told);
  const name = (named ?? id).slice(0, 128);
  reader.references.push({ sourceId: id, kind, name, isNamed: named !== undefined });
  return name;
}
