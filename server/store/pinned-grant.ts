import { z } from 'zod';
import { PackageId, type RunId } from '#agent/protocol/identity.ts';
import { RunGrant } from '#agent/protocol/policy.ts';
import type { VariableChange } from '#agent/protocol/run-event.ts';
import { isReleasedPerStep } from '#agent/sequence/secret-names.ts';
import { mentioned } from '#agent/sequence/withheld-reads.ts';
import { openValue, sealValue } from '../trust/variable-seal.ts';
import { PinnedContent } from './pinned-content.ts';

/** What is pinned for the whole run, as the store keeps it: values of secret variables are sealed. */
export const PinnedGrant = RunGrant.omit({
  resumeToken: true,
  recovery: true,
  runKey: true,
  have: true,
  content: true,
  hidden: true,
}).extend({ content: z.record(PackageId, PinnedContent) });
export type PinnedGrant = z.infer<typeof PinnedGrant>;

/** Variables as they are kept with the run: bound to it, so that they open in no other grant. */
export function sealVariables(
  run: RunId,
  variables: readonly VariableChange[],
  key: Uint8Array,
): VariableChange[] {
  return variables.map((variable) =>
    variable.secret
      ? { ...variable, value: sealValue(key, placeOf(run, variable), variable.value) }
      : variable,
  );
}

/** The same in the clear, for the machine alone. @throws {InventoryError} `variable.sealed` */
export function unsealVariables(
  run: RunId,
  variables: readonly VariableChange[],
  key: Uint8Array,
): VariableChange[] {
  return variables.map((variable) =>
    variable.secret && variable.withheld !== true
      ? { ...variable, value: openValue(key, placeOf(run, variable), variable.value) }
      : variable,
  );
}

/**
 * Variables as the grant tells them: secret ones that are given step by step have no value there. Those that
 * SMSTSPostAction names are for the end of the run, when no step runs, and are told at once.
 */
export function withheldOf(variables: readonly VariableChange[]): VariableChange[] {
  const atTheEnd = variables.find(({ name }) => name.toLowerCase() === 'smstspostaction');
  const names = variables.map(({ name }) => name.toLowerCase());
  // A secret command is sealed here: what it names is not known.
  const named =
    atTheEnd === undefined
      ? new Set<string>()
      : atTheEnd.secret
        ? new Set(names)
        : mentioned(atTheEnd.value, names);
  return variables.map((variable) =>
    variable.secret && isReleasedPerStep(variable.name) && !named.has(variable.name.toLowerCase())
      ? { ...variable, value: '', withheld: true }
      : variable,
  );
}

function placeOf(run: RunId, { name }: VariableChange): { owner: string; name: string } {
  return { owner: `run:${run}`, name };
}
