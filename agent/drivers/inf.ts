import { type DriverVersion, parseDriverVersion } from './driver-version.ts';
import { InfError } from './inf-error.ts';
import type { InfLine } from './inf-line.ts';
import { type InfSections, infValue, parseInfSections } from './inf-sections.ts';
import { decodeInf } from './inf-text.ts';
import { parseTargetOs, type TargetOs } from './target-os.ts';

/** One driver package: what its INF file says. */
export interface Inf {
  /** `SCSIAdapter`; empty where only the GUID is given. */
  readonly className: string;
  /** Lower case with braces; empty where the file has none. */
  readonly classGuid: string;
  readonly provider: string;
  readonly driverVersion: DriverVersion;
  /** Names of its catalogues, one an architecture; none of an unsigned driver. */
  readonly catalogs: readonly string[];
  /** Of an extension INF, which goes beside the driver of a device; lower case. */
  readonly extensionId: string | null;
  readonly choices: readonly InfChoice[];
  /** For further questions: install sections. */
  readonly sections: InfSections;
}

/** A models section. Also an empty one counts: a Windows that it fits best has no driver in that group. */
interface InfChoice {
  readonly manufacturer: string;
  /** Sections of one line of `[Manufacturer]` are choices of one group. */
  readonly group: number;
  /** Null: the section has no decoration. */
  readonly target: TargetOs | null;
  readonly models: readonly InfModel[];
}

/** A device that the file has a driver for. */
interface InfModel {
  readonly description: string;
  readonly installSection: string;
  /** Upper case; empty where the file names only compatible ids. */
  readonly hardwareId: string;
  readonly compatibleIds: readonly string[];
}

const EXTENSION_CLASS = '{e2f84ce7-8efa-411c-aa69-97454ca4cb57}';

const MAX_MODELS = 200_000;
const MAX_CHOICES = 10_000;

/** Reads an INF file. @throws {InfError} `inf.size`, `inf.limit`, `inf.version` */
export function parseInf(bytes: Uint8Array): Inf {
  const sections = parseInfSections(decodeInf(bytes));
  const signature = infValue(sections, 'version', 'signature')?.toLowerCase() ?? '';
  if (!['$windows nt$', '$chicago$', '$windows 95$'].includes(signature))
    throw new InfError(
      'inf.version',
      'No INF file of Windows: its section Version has no signature',
      sections.lines('version')[0]?.line ?? null,
    );
  const version = sections.lines('version');
  const classGuid = infValue(sections, 'version', 'classguid')?.toLowerCase() ?? '';
  return {
    className: infValue(sections, 'version', 'class') ?? '',
    classGuid,
    provider: infValue(sections, 'version', 'provider') ?? '',
    driverVersion: parseDriverVersion(
      version.find(({ key }) => key?.toLowerCase() === 'driverver')?.values ?? [],
    ),
    catalogs: version.flatMap(({ key, values: [name = ''] }) =>
      /^catalogfile(?:\.|$)/i.test(key ?? '') && name !== '' ? [name] : [],
    ),
    extensionId:
      classGuid === EXTENSION_CLASS
        ? (infValue(sections, 'version', 'extensionid')?.toLowerCase() ?? '')
        : null,
    choices: readChoices(sections),
    sections,
  };
}

function readChoices(sections: InfSections): InfChoice[] {
  const choices: InfChoice[] = [];
  let count = 0;
  for (const [group, { key, values, line }] of sections.lines('manufacturer').entries()) {
    // A line without `=` names the section alone, which is the manufacturer's name too.
    const manufacturer = key ?? values[0] ?? '';
    const [section = '', ...decorations] = values.map((value) => value.trim());
    if (section === '') continue;
    for (const decoration of ['', ...decorations]) {
      const target = decoration === '' ? null : parseTargetOs(decoration);
      // What is no decoration fits no Windows; `.inx` files of the driver kit have such ones.
      if (decoration !== '' && target === null) continue;
      const name = decoration === '' ? section : `${section}.${decoration}`;
      if (decoration === '' && !sections.has(name)) continue;
      const models = sections.lines(name).flatMap(readModel);
      count += models.length;
      if (count > MAX_MODELS || choices.length >= MAX_CHOICES)
        throw new InfError(
          'inf.limit',
          `Over ${MAX_MODELS} devices or ${MAX_CHOICES} sections`,
          line,
        );
      choices.push({ manufacturer, group, target, models });
    }
  }
  return choices;
}

function readModel({ key, values }: InfLine): InfModel[] {
  const [installSection = '', hardwareId = '', ...compatibleIds] = values;
  if (installSection === '') return [];
  return [
    {
      description: key ?? '',
      installSection,
      hardwareId: hardwareId.toUpperCase(),
      compatibleIds: compatibleIds.filter((id) => id !== '').map((id) => id.toUpperCase()),
    },
  ];
}
