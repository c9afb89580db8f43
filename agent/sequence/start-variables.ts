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
  /** Set by a command that runs before the run, or typed by the person who starts it. */
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
  return mergeLayers(layers).filter(({ value }) => value !== '');
}

/**
 * The variables that a person who starts a run at the machine is asked for (reference: runtime, section
 * 2): those that the highest layer which names them leaves empty.
 */
export function emptyVariables(layers: StartLayers): Pick<VariableChange, 'name' | 'secret'>[] {
  return mergeLayers(layers)
    .filter(({ value }) => value === '')
    .map(({ name, secret }) => ({ name, secret }));
}

/** What each variable is after all layers; one that is deleted has an empty value. */
function mergeLayers(layers: StartLayers): VariableChange[] {
  const { collections, device, media = [], prestart = [] } = layers;
  const ordered = collections.toSorted(
    (one, other) => (one.precedence ?? PRECEDENCE) - (other.precedence ?? PRECEDENCE),
  );
  const merged = new Map<string, VariableChange>();
  const all = [...ordered.map(({ variables }) => variables), device ?? [], media, prestart];
  for (const { name, value, secret } of all.flat()) {
    const key = name.trim().toLowerCase();
    const before = merged.get(key);
    const staysSecret = before !== undefined && before.value !== '' && before.secret;
    merged.delete(key);
    merged.set(key, {
      name: name.trim(),
      value,
      secret: secret || isSecretName(key) || (value !== '' && staysSecret),
    });
  }
  return [...merged.values()];
}
