import type { MappedExpression } from './expression.ts';
import type { FieldReader } from './fields.ts';
import { comparisonOf } from './operators.ts';

/** MDT's `OSConditionExpression`: the architecture and version of Windows. */
export function mapOsExpression(field: FieldReader): MappedExpression {
  const architecture = architectureOf(field('Architecture'));
  if (architecture === null)
    return { reason: `the architecture ${JSON.stringify(field('Architecture'))} is not known` };
  const written = field('Version')?.trim() ?? '';
  const version = versionOf(written);
  if (version === undefined)
    return written === '' && architecture !== undefined
      ? { condition: platform({ architecture }) }
      : { reason: `${JSON.stringify(written)} is no version of Windows` };
  const word = field('Operator') ?? 'equals';
  const operator = comparisonOf(word);
  const from = platform({ architecture, minVersion: version });
  const to = platform({ architecture, maxVersion: version });
  const of = platform({ architecture, minVersion: version, maxVersion: version });
  const onIt = platform({ architecture, family: 'windows' });
  switch (operator) {
    case 'equals':
      return { condition: of };
    case 'greaterEqual':
      return { condition: from };
    case 'lessEqual':
      return { condition: to };
    case 'notEquals':
      return { condition: { all: [onIt, { none: [of] }] } };
    case 'less':
      return { condition: { all: [to, { none: [of] }] } };
    case 'greater':
      return { condition: { all: [from, { none: [of] }] } };
    case undefined:
      return { reason: `the operator ${JSON.stringify(word)} is not known` };
  }
}

/** The key of a platform of Configuration Manager: what its list shows, `6.10.0000.0` to `6.10.9999.9999`. */
export function mapPlatformKey(
  name: string,
  key: Readonly<Record<string, string>>,
): MappedExpression {
  const { arch, minVer, maxVer } = key;
  const architecture = architectureOf(arch);
  const [minVersion, maxVersion] = [minVer, maxVer].map((text) => versionOf(text?.trim() ?? ''));
  if (architecture === null || (architecture ?? minVersion ?? maxVersion) === undefined)
    return { reason: `the platform ${JSON.stringify(name)} says nothing of the system` };
  const named = name.trim() === '' ? {} : { name: name.trim().slice(0, 200) };
  return { condition: platform({ ...named, architecture, minVersion, maxVersion }) };
}

interface Platform {
  readonly name?: string | undefined;
  readonly family?: 'windows' | undefined;
  readonly architecture?: string | undefined;
  readonly minVersion?: string | undefined;
  readonly maxVersion?: string | undefined;
}

function platform(fields: Platform): unknown {
  const said = Object.entries(fields).filter(([, value]) => value !== undefined);
  return { kind: 'os-version', platforms: [Object.fromEntries(said)] };
}

const architectures = new Map([
  ['x86', 'x86'],
  ['i386', 'x86'],
  ['x64', 'x64'],
  ['amd64', 'x64'],
  ['arm64', 'arm64'],
]);

/** Undefined where none is named, null for one that is not known. */
function architectureOf(text: string | undefined): string | undefined | null {
  const word = text?.trim().toLowerCase() ?? '';
  return word === '' || word === 'all' ? undefined : (architectures.get(word) ?? null);
}

/**
 * Major, minor with two digits, build, service pack: `6.10.7601.1` is 6.1, build 7601; `10.00.10240.0` is
 * 10.0, build 10240. A build of only zeros or nines says that any will do.
 */
function versionOf(text: string): string | undefined {
  const [, major, minor = '', build = ''] =
    /^(\d{1,3})\.(\d{1,2})(?:\.(\d{1,6}))?(?:\.\d{1,6})?$/.exec(text) ?? [];
  if (major === undefined) return undefined;
  const short = minor.length === 2 ? Math.floor(Number(minor) / 10) : Number(minor);
  const isAny = /^(?:0*|9{4,})$/.test(build);
  return [major, short, ...(isAny ? [] : [Number(build)])].join('.');
}
