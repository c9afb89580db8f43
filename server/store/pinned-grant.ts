import { z } from 'zod';
import { PackageId, type RunId } from '#agent/protocol/identity.ts';
import { RunGrant } from '#agent/protocol/policy.ts';
import type { VariableChange } from '#agent/protocol/run-event.ts';
import { openValue, sealValue } from '../trust/variable-seal.ts';
import { PinnedContent } from './pinned-content.ts';

/** What is pinned for the whole run, as the store keeps it: values of secret variables are sealed. */
export const PinnedGrant = RunGrant.omit({
  resumeToken: true,
  recovery: true,
  runKey: true,
  have: true,
  content: true,
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
    variable.secret
      ? { ...variable, value: openValue(key, placeOf(run, variable), variable.value) }
      : variable,
  );
}

function placeOf(run: RunId, { name }: VariableChange): { owner: string; name: string } {
  return { owner: `run:${run}`, name };
}
