import type { VariableChange } from '#agent/protocol/run-event.ts';
import { isSecretName } from './secret-names.ts';

/** Variables of one collection that the device is in. */
interface CollectionVariables {
  /** Settles which of several collections wins: the higher number. */
  readonly precedence?: number;
  readonly variables: readonly VariableChange[];
}

/** Where the variables of a run come from before it begins. */
export interface StartLayers {
  readonly collections: readonly CollectionVariables[];
  /** null for an unknown computer: it has those of its collections only. */
  readonly device: readonly VariableChange[] | null;
  /** Typed when media were made. */
  readonly media?: readonly VariableChange[];
  /** Set by a command that runs before the run. */
  readonly prestart?: readonly VariableChange[];
}

/** Of a collection that says none. */
const PRECEDENCE = 1;

/**
 * The variables that a run begins with (reference: variables, where values come from): of collections,
 * over them those of the device, then of media, then of the prestart command; what the run sets comes
 * over all of them. Of two collections the one with the higher precedence wins; where it is equal, the
 * one given later. Names have no case. An empty value deletes what a lower layer says, and what is a
 * secret in a layer stays one in those above it, until it is deleted.
 */
export function startVariables(layers: StartLayers): VariableChange[] {
  const { collections, device, media = [], prestart = [] } = layers;
  const ordered = collections.toSorted(
    (one, other) => (one.precedence ?? PRECEDENCE) - (other.precedence ?? PRECEDENCE),
  );
  const merged = new Map<string, VariableChange>();
  const all = [...ordered.map(({ variables }) => variables), device ?? [], media, prestart];
  for (const { name, value, secret } of all.flat()) {
    const key = name.trim().toLowerCase();
    const before = merged.get(key);
    merged.delete(key);
    if (value === '') continue;
    const isSecret = secret || before?.secret === true || isSecretName(key);
    merged.set(key, { name: name.trim(), value, secret: isSecret });
  }
  return [...merged.values()];
}
