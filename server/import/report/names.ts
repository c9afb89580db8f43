import type { HowMapped } from '../map-step.ts';
import type { ReferenceReport } from './schema.ts';

/** What the ways to map a step are called, the best first. */
export const howNames: Readonly<Record<HowMapped, string>> = {
  typed: 'by the step of that name',
  equivalent: 'by steps that do the same',
  'built-in': 'done by the agent itself',
  'command-line': 'run as the command line it is',
  unsupported: 'kept disabled',
};

const kindNames: Readonly<Record<ReferenceReport['kind'], string>> = {
  'os-image': 'OS image',
  'os-upgrade-package': 'OS upgrade package',
  'boot-image': 'boot image',
  package: 'package',
  'driver-package': 'driver package',
  application: 'application',
  sequence: 'task sequence',
};

/** What a kind of object is called. */
export function kindName(kind: ReferenceReport['kind']): string {
  return kindNames[kind];
}

/** Whether an object is only known by an id, `ABC00012`, `{guid}`, `ScopeId_…`: no name that people gave. */
export function isObjectId(id: string): boolean {
  return /^(?:[A-Z0-9]{3}[0-9A-F]{5}|\{.*\}|ScopeId_.*)$/i.test(id);
}

/** What is wrong with a file, without the name of the file at its beginning. */
export function messageAt(from: string, message: string): string {
  return message.startsWith(`${from}: `) ? message.slice(from.length + 2) : message;
}
