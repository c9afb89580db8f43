/** What a deployment share has, and what of it an import would bring. */
import { childrenOf, parseXml } from '../../read/xml.ts';
import type { ControlItem } from './control-list.ts';
import type { FolderSize, ShareFolder } from './share-folder.ts';

export interface ShareOperatingSystem {
  readonly id: string;
  readonly name: string;
  /** `.\Operating Systems\W10\sources\install.wim`; empty for an operating system without an image. */
  readonly imageFile: string;
  readonly imageIndex: number | null;
  readonly imageName: string;
  readonly build: string;
  readonly platform: string;
  readonly languages: string;
  /** Bytes of the WIM file; null where it is not there. */
  readonly imageBytes: number | null;
  readonly source: string;
}

export interface ShareApplication {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly publisher: string;
  readonly commandLine: string;
  readonly workingDirectory: string;
  /** The folder with its files; empty for one that has none in the share. */
  readonly source: string;
  /** Null where the folder is not there. */
  readonly content: FolderSize | null;
  readonly uninstallKey: string;
  /** Names of applications that are installed before it; its id where it is not known. */
  readonly dependencies: readonly string[];
  readonly isEnabled: boolean;
  readonly restarts: boolean;
}

export interface ShareGroup {
  /** From its folder on: `Windows 10\Contoso\Book 7`. */
  readonly name: string;
  readonly members: number;
  readonly comments: string;
}

export interface ShareDriverGroup extends ShareGroup {
  /** Different INF files of its drivers that are there. */
  readonly infFiles: number;
  readonly missing: number;
}

export interface SharePackage {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly source: string;
  readonly isThere: boolean;
}

export interface ShareSelectionProfile {
  readonly name: string;
  readonly includes: readonly string[];
  readonly excludes: readonly string[];
}

/** The folder of the share that a path of Windows names: `.\Applications\Reader`. */
function inShare(path: string): string {
  return path.replace(/^%DEPLOYROOT%/i, '.');
}

export async function operatingSystem(
  { guid, name, fields }: ControlItem,
  share: ShareFolder,
): Promise<ShareOperatingSystem> {
  const of = (field: string): string => fields.get(field) ?? '';
  const index = Number(of('imageindex'));
  const imageFile = of('imagefile');
  return {
    id: guid,
    name,
    imageFile,
    imageIndex: Number.isInteger(index) && index > 0 ? index : null,
    imageName: of('imagename'),
    build: of('build'),
    platform: of('platform'),
    languages: of('language'),
    imageBytes: imageFile === '' ? null : ((await share.sizeOf(inShare(imageFile))) ?? null),
    source: of('source'),
  };
}

export async function application(
  item: ControlItem,
  share: ShareFolder,
  names: ReadonlyMap<string, string>,
): Promise<ShareApplication> {
  const of = (field: string): string => item.fields.get(field) ?? '';
  const source = of('source');
  const isThere = source !== '' && (await share.find(inShare(source)))?.isFolder === true;
  return {
    id: item.guid,
    name: item.name,
    version: of('version'),
    publisher: of('publisher'),
    commandLine: of('commandline'),
    workingDirectory: of('workingdirectory'),
    source,
    content: isThere ? await share.measure(inShare(source)) : null,
    uninstallKey: of('uninstallkey'),
    dependencies: item.all('dependency').map((guid) => names.get(guid.toLowerCase()) ?? guid),
    isEnabled: item.isEnabled,
    restarts: of('reboot').toLowerCase() === 'true',
  };
}

/** Drivers by their id, as a path to their INF file. */
export async function driverGroup(
  group: ControlItem,
  drivers: ReadonlyMap<string, string>,
  share: ShareFolder,
): Promise<ShareDriverGroup> {
  const files = new Set<string>();
  let missing = 0;
  for (const member of group.all('member')) {
    const path = drivers.get(member.toLowerCase());
    const isThere = path !== undefined && (await share.find(inShare(path)))?.isFolder === false;
    if (isThere) files.add(path.toLowerCase());
    else missing += 1;
  }
  return { ...plainGroup(group), infFiles: files.size, missing };
}

export function plainGroup(group: ControlItem): ShareGroup {
  return {
    name: group.name,
    members: group.all('member').length,
    comments: group.fields.get('comments') ?? '',
  };
}

export async function packageOf(
  { guid, name, fields }: ControlItem,
  share: ShareFolder,
): Promise<SharePackage> {
  const source = fields.get('source') ?? '';
  return {
    id: guid,
    name,
    kind: fields.get('packagetype') ?? '',
    source,
    isThere: source !== '' && (await share.find(inShare(source))) !== undefined,
  };
}

/** Its definition is XML in a text: folders that it has, and folders in them that it has not. */
export function selectionProfile({ name, fields }: ControlItem): ShareSelectionProfile {
  const definition = fields.get('definition') ?? '';
  if (definition === '') return { name, includes: [], excludes: [] };
  const root = parseXml(definition, `selection profile ${name}`);
  const paths = (element: string): string[] =>
    childrenOf(root, element).flatMap(({ attributes }) => attributes['path'] ?? []);
  return { name, includes: paths('Include'), excludes: paths('Exclude') };
}
