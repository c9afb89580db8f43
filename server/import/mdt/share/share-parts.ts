import { ImportError } from '../../import-error.ts';
import { type ReadSources, readSources } from '../../read/read-sources.ts';
import { type IniFile, readIni } from '../rules/ini.ts';
import type { ControlItem } from './control-list.ts';
import type { ShareApplication, ShareOperatingSystem, SharePackage } from './inventory.ts';
import type { ShareFolder } from './share-folder.ts';

/** A task sequence of the share, as its list has it. */
export interface ShareSequence {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly template: string;
  readonly isEnabled: boolean;
}

/** What stands in the lists of a share and is not on its disk. */
export interface MissingContent {
  readonly what: string;
  readonly path: string;
}

/** Does something that may fail on one file: then `none` is its value, and the failure is told. */
export type Attempt = <Value>(
  from: string,
  task: () => Promise<Value>,
  none: Value,
) => Promise<Value>;

const MAX_TS_BYTES = 16 * 1024 * 1024;
const MAX_RULES_BYTES = 8 * 1024 * 1024;
const MAX_RULES_FILES = 500;

/** Names by id in lower case: guids, and the ids of task sequences. */
export function namesOf(lists: readonly (readonly ControlItem[])[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const { guid, name, fields } of lists.flat()) {
    if (name === '') continue;
    names.set(guid.toLowerCase(), name);
    const id = fields.get('id')?.toLowerCase() ?? '';
    if (id !== '') names.set(id, name);
  }
  return names;
}

/** Groups but for the hidden one, which each share has. */
export function visible(groups: readonly ControlItem[]): readonly ControlItem[] {
  return groups.filter(({ guid }) => !/^\{f{8}-/i.test(guid));
}

export function sequenceOf({ fields, name, isEnabled }: ControlItem): ShareSequence {
  return {
    id: fields.get('id') ?? '',
    name,
    version: fields.get('version') ?? '',
    template: fields.get('tasksequencetemplate') ?? '',
    isEnabled,
  };
}

/** `ts.xml` of one sequence, and what its import may know of the share. */
export async function readSequence(
  share: ShareFolder,
  { id, name }: ShareSequence,
  known: {
    readonly names: ReadonlyMap<string, string>;
    readonly rules: ReadonlyMap<string, IniFile>;
    readonly operatingSystems: readonly ShareOperatingSystem[];
  },
): Promise<ReadSources> {
  const folder = `Control\\${id}`;
  const path = `${folder}\\ts.xml`;
  if (id === '' || (await share.find(path))?.isFolder !== false)
    throw new ImportError('import.file', `${path}: is not in the share`, {
      hint: `Task sequence "${name}" stands in the list of the share without it.`,
    });
  const bytes = await share.read(path, MAX_TS_BYTES);
  const read = await readSources({ name: path, bytes });
  const answerFile = await share.find(`${folder}\\Unattend.xml`);
  return {
    ...read,
    names: new Map([...read.names, ...known.names]),
    sequences: read.sequences.map((sequence) => ({
      ...sequence,
      id: sequence.id ?? id,
      name: name === '' ? sequence.name : name,
    })),
    share: {
      sequenceId: id,
      rules: known.rules,
      imageIndexes: new Map(
        known.operatingSystems.flatMap((system) =>
          system.imageIndex === null ? [] : [[system.id.toLowerCase(), system.imageIndex]],
        ),
      ),
      hasAnswerFile: answerFile?.isFolder === false,
    },
  };
}

/** The rules files of the folder Control. Bootstrap.ini is for the boot image, before any share is known. */
export async function rulesFiles(
  share: ShareFolder,
  attempt: Attempt,
): Promise<ReadonlyMap<string, IniFile>> {
  const files = new Map<string, IniFile>();
  const entries = (await share.list('Control')).filter(
    ({ isFolder, name }) => !isFolder && /\.ini$/i.test(name),
  );
  for (const { name, path } of entries.slice(0, MAX_RULES_FILES)) {
    const file = await attempt(
      path,
      async () => readIni(await share.read(path, MAX_RULES_BYTES), path),
      undefined,
    );
    if (file !== undefined) files.set(name.toLowerCase(), file);
  }
  return files;
}

export function missingOf(
  systems: readonly ShareOperatingSystem[],
  applications: readonly ShareApplication[],
  packages: readonly SharePackage[],
): readonly MissingContent[] {
  return [
    ...systems
      .filter(({ imageFile, imageBytes }) => imageFile !== '' && imageBytes === null)
      .map(({ name, imageFile }) => ({ what: `the image of ${name}`, path: imageFile })),
    ...applications
      .filter(({ source, content }) => source !== '' && content === null)
      .map(({ name, source }) => ({ what: `the files of the application ${name}`, path: source })),
    ...packages
      .filter(({ isThere }) => !isThere)
      .map(({ name, source }) => ({ what: `the package ${name}`, path: source })),
  ];
}
