/**
 * Every variable that has a meaning of its own, by Configuration Manager's names (reference: variables,
 * sections 2 to 5). Validation, the secrets and docs/variables.md are made from it.
 */
import {
  contentVariables,
  loggingVariables,
  restartVariables,
  startVariablesGroup,
  windowsControlVariables,
} from './variable-catalog/control.ts';
import {
  diskVariableFacts,
  generalVariables,
  imageVariables,
} from './variable-catalog/general-steps.ts';
import type { VariableFacts, VariableGroup } from './variable-catalog/group.ts';
import {
  readinessVariables,
  siteVariables,
  stepResultVariables,
} from './variable-catalog/later-read-only.ts';
import {
  machineVariables,
  ownVariables,
  runVariables,
} from './variable-catalog/machine-and-run.ts';
import { adapterVariables, networkVariables } from './variable-catalog/network-steps.ts';
import { userStateVariables } from './variable-catalog/user-state-steps.ts';
import {
  bitLockerVariables,
  deprecatedVariables,
  driverVariables,
  softwareVariables,
  windowsSettingsVariables,
} from './variable-catalog/windows-steps.ts';

/** All groups, in the order shown to people. */
export const variableCatalog: readonly VariableGroup[] = [
  machineVariables,
  runVariables,
  ownVariables,
  restartVariables,
  loggingVariables,
  diskVariableFacts,
  imageVariables,
  generalVariables,
  startVariablesGroup,
  contentVariables,
  networkVariables,
  adapterVariables,
  windowsSettingsVariables,
  driverVariables,
  bitLockerVariables,
  softwareVariables,
  userStateVariables,
  windowsControlVariables,
  readinessVariables,
  stepResultVariables,
  siteVariables,
  deprecatedVariables,
];

const byName: ReadonlyMap<string, VariableFacts> = new Map(
  variableCatalog.flatMap(({ variables }) =>
    variables.map((facts) => [facts.name.toLowerCase(), facts] as const),
  ),
);

/** Names in the catalogue; a member of an array has `<n>` for its index. */
export const catalogNames: readonly string[] = [...byName.values()].map(({ name }) => name);

const MEMBER = /^([a-z_]+)(\d{1,3})([a-z]+)$/;

/** What is known of the variable of that name, without case; `OSDAdapter0Name` is a member of an array. */
export function catalogVariable(name: string): VariableFacts | undefined {
  const key = name.trim().toLowerCase();
  return byName.get(key) ?? byName.get(key.replace(MEMBER, '$1<n>$3'));
}
