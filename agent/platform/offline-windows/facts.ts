/** What the registry of a Windows says of it. Pure. */
import { type HiveKey, keyAt, valueOf } from '#boot/bcd/hive.ts';
import { readDword, readText } from '#boot/bcd/registry-value.ts';
import type { MachineArchitecture } from '../../protocol/identity.ts';
import { languageTagOf } from '../../sequence/condition/lcid.ts';
import { StepError } from '../../sequence/step.ts';
import type { OfflineWindowsFacts } from '../../sequence/windows-capability.ts';

/** PROCESSOR_ARCHITECTURE of the machine's environment. */
const architectures: ReadonlyMap<string, MachineArchitecture> = new Map([
  ['amd64', 'x64'],
  ['arm64', 'arm64'],
  ['x86', 'x86'],
]);

/** @throws {StepError} `windows.hive` where the architecture is missing */
export function factsOf(system: HiveKey, software: HiveKey): OfflineWindowsFacts {
  const control = keyAt(system, startingSet(system), 'Control');
  const at = (key: HiveKey | undefined, ...path: readonly string[]): HiveKey | undefined =>
    key && keyAt(key, ...path);
  const environment = at(control, 'Session Manager', 'Environment');
  const name = text(environment, 'PROCESSOR_ARCHITECTURE');
  const architecture = architectures.get(name?.toLowerCase() ?? '');
  if (architecture === undefined)
    throw new StepError(
      'windows.hive',
      `The Windows on the volume does not say for which architecture it is (${name ?? 'nothing'})`,
      { hint: 'Add the image again from a good copy.' },
    );
  const version = keyAt(software, 'Microsoft', 'Windows NT', 'CurrentVersion');
  const product = text(at(control, 'ProductOptions'), 'ProductType');
  const state = keyAt(software, 'Microsoft', 'Windows', 'CurrentVersion', 'Setup', 'State');
  return {
    architecture,
    version: versionOf(version),
    edition: text(version, 'EditionID') ?? '',
    productType: product === null ? null : product.toLowerCase() === 'winnt' ? 'client' : 'server',
    language: languageOf(system),
    imageState: text(state, 'ImageState'),
  };
}

/** Language it was installed in, `en-US`: an LCID in hex. */
export function languageOf(system: HiveKey): string | null {
  const key = keyAt(system, startingSet(system), 'Control', 'Nls', 'Language');
  const lcid = text(key, 'InstallLanguage');
  return lcid === null ? null : (languageTagOf(Number.parseInt(lcid, 16)) ?? null);
}

/** Name of the control set that the next start takes. */
function startingSet(system: HiveKey): string {
  const select = keyAt(system, 'Select');
  const value = select && (valueOf(select, 'Default') ?? valueOf(select, 'Current'));
  return `ControlSet${String(value === undefined ? 1 : readDword(value)).padStart(3, '0')}`;
}

/** Names of the services that the boot loader starts: Start is 0. */
export function bootServices(system: HiveKey): string[] {
  const services = keyAt(system, startingSet(system), 'Services');
  return (services?.keys ?? []).flatMap((service) => {
    const start = valueOf(service, 'Start');
    return start !== undefined && start.data.length === 4 && readDword(start) === 0
      ? [service.name]
      : [];
  });
}

/** Windows 10 and later have numbers; before, `CurrentVersion` is text as `6.3`. */
function versionOf(key: HiveKey | undefined): string {
  const [major, minor] = [
    number(key, 'CurrentMajorVersionNumber'),
    number(key, 'CurrentMinorVersionNumber'),
  ];
  const first = major === null ? (text(key, 'CurrentVersion') ?? '') : `${major}.${minor ?? 0}`;
  const build = text(key, 'CurrentBuildNumber') ?? text(key, 'CurrentBuild');
  const revision = number(key, 'UBR');
  return [first, build, revision].filter((part) => part !== null && part !== '').join('.');
}

function text(key: HiveKey | undefined, name: string): string | null {
  const value = key && valueOf(key, name);
  return value === undefined ? null : readText(value);
}

function number(key: HiveKey | undefined, name: string): number | null {
  const value = key && valueOf(key, name);
  return value === undefined ? null : readDword(value);
}
