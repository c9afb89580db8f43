import { importFailure } from '../../import-all.ts';
import type { ReadSources } from '../../read/read-sources.ts';
import { childOf } from '../../read/xml.ts';
import type { ImportFailure } from '../../report/schema.ts';
import type { IniFile } from '../rules/ini.ts';
import { type ControlItem, readControlList, readControlXml } from './control-list.ts';
import {
  application,
  driverGroup,
  operatingSystem,
  packageOf,
  plainGroup,
  type ShareApplication,
  type ShareDriverGroup,
  type ShareGroup,
  type ShareOperatingSystem,
  type SharePackage,
  type ShareSelectionProfile,
  selectionProfile,
} from './inventory.ts';
import { openShare } from './share-folder.ts';
import {
  type Attempt,
  type MissingContent,
  missingOf,
  namesOf,
  readSequence,
  rulesFiles,
  type ShareSequence,
  sequenceOf,
  visible,
} from './share-parts.ts';
import { type ShareScripts, scanShareScripts } from './share-scripts.ts';

export interface DeploymentShare {
  readonly folder: string;
  readonly description: string;
  /** `\\server\share$`, as the share says of itself. */
  readonly uncPath: string;
  readonly taskSequences: readonly ShareSequence[];
  readonly operatingSystems: readonly ShareOperatingSystem[];
  readonly applications: readonly ShareApplication[];
  readonly drivers: number;
  readonly driverGroups: readonly ShareDriverGroup[];
  readonly packages: readonly SharePackage[];
  readonly packageGroups: readonly ShareGroup[];
  readonly selectionProfiles: readonly ShareSelectionProfile[];
  readonly linkedShares: readonly string[];
  readonly media: readonly string[];
  /** Rules files of the folder Control, by name in lower case. */
  readonly rules: ReadonlyMap<string, IniFile>;
  readonly scripts: ShareScripts;
  readonly missing: readonly MissingContent[];
  /** The sequences themselves, each with what its import may know of the share. */
  readonly read: readonly ReadSources[];
  readonly failures: readonly ImportFailure[];
}

const MAX_SEQUENCES = 2000;

/**
 * Reads a whole deployment share of MDT: its task sequences, and what it has beside them. What cannot be
 * read stops nothing else: it is told in `failures`.
 * @throws {ImportError} `mdt.no-share`
 */
export async function readDeploymentShare(folder: string): Promise<DeploymentShare> {
  const share = await openShare(folder);
  const failures: ImportFailure[] = [];
  /** One file that cannot be read is as if it were not there. */
  const attempt: Attempt = async (from, task, none) => {
    try {
      return await task();
    } catch (error) {
      failures.push(importFailure(error, from));
      return none;
    }
  };
  const list = (file: string): Promise<readonly ControlItem[]> =>
    attempt(`Control\\${file}`, () => readControlList(share, file), []);

  const systems = await list('OperatingSystems.xml');
  const apps = await list('Applications.xml');
  const drivers = await list('Drivers.xml');
  const packs = await list('Packages.xml');
  const sequences = await list('TaskSequences.xml');
  const profiles = await list('SelectionProfiles.xml');
  const driverPaths = new Map(
    drivers.map(({ guid, fields }) => [guid.toLowerCase(), fields.get('source') ?? '']),
  );
  const names = namesOf([systems, apps, packs, sequences, profiles]);
  const settings = await attempt(
    'Control\\Settings.xml',
    () => readControlXml(share, 'Settings.xml'),
    undefined,
  );
  const setting = (name: string): string =>
    (settings === undefined ? undefined : childOf(settings, name))?.text.trim() ?? '';
  const rules = await rulesFiles(share, attempt);
  const operatingSystems = await Promise.all(systems.map((item) => operatingSystem(item, share)));
  const applications: ShareApplication[] = [];
  for (const item of apps) applications.push(await application(item, share, names));
  const packages = await Promise.all(packs.map((item) => packageOf(item, share)));
  const driverGroups: ShareDriverGroup[] = [];
  for (const item of visible(await list('DriverGroups.xml')))
    driverGroups.push(await driverGroup(item, driverPaths, share));
  const taskSequences = sequences.map(sequenceOf);
  const read: ReadSources[] = [];
  for (const entry of taskSequences.slice(0, MAX_SEQUENCES)) {
    const source = await attempt(
      `Control\\${entry.id}\\ts.xml`,
      () => readSequence(share, entry, { names, rules, operatingSystems }),
      undefined,
    );
    if (source !== undefined) read.push(source);
  }
  return {
    folder: share.root,
    description: setting('Description'),
    uncPath: setting('UNCPath'),
    taskSequences,
    operatingSystems,
    applications,
    drivers: drivers.length,
    driverGroups,
    packages,
    packageGroups: visible(await list('PackageGroups.xml')).map(plainGroup),
    selectionProfiles: (
      await Promise.all(
        profiles.map((item) =>
          attempt(`selection profile ${item.name}`, async () => selectionProfile(item), undefined),
        ),
      )
    ).flatMap((profile) => profile ?? []),
    linkedShares: (await list('LinkedDeploymentShares.xml')).map(
      ({ name, fields }) => name || (fields.get('root') ?? ''),
    ),
    media: (await list('Medias.xml')).map(({ name }) => name),
    rules,
    scripts: await scanShareScripts(share),
    missing: missingOf(operatingSystems, applications, packages),
    read,
    failures,
  };
}
