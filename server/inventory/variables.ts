import type { VariableChange } from '#agent/protocol/run-event.ts';

/**
 * Variables that a run starts with: of collections in the order given (a later one wins), then of the
 * device, which wins over any collection. Names have no case.
 */
export function mergeVariables(
  ofCollections: readonly (readonly VariableChange[])[],
  ofDevice: readonly VariableChange[],
): VariableChange[] {
  const merged = new Map<string, VariableChange>();
  for (const variable of [...ofCollections.flat(), ...ofDevice])
    merged.set(variable.name.toLowerCase(), variable);
  return [...merged.values()];
}
