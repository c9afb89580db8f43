import type { VariableChange } from '#agent/protocol/run-event.ts';
import { maskSecrets, secretTexts } from './mask-secrets.ts';
import { isSecretName } from './secret-names.ts';
import { isSystemName } from './system-names.ts';

/** One task sequence variable, with the name as it was last written. */
export interface Variable {
  readonly name: string;
  readonly value: string;
  readonly secret: boolean;
  /** There is a value, and it is not here: whoever keeps it gives it to a step. `value` is empty. */
  readonly withheld?: true;
}

const BUCKETS = 256;
const MAX_NAME = 256;
const MAX_VALUE = 4000;
const NAME = /^[A-Za-z_][A-Za-z0-9_-]*$/;

type Bucket = ReadonlyMap<string, Variable>;
const noBucket: Bucket = new Map();

export { HIDDEN } from './mask-secrets.ts';

/** Names that read another: the planning page of Configuration Manager writes the first without `_`. */
const aliases: ReadonlyMap<string, string> = new Map([
  ['smstslastactionretcode', '_smstslastactionretcode'],
]);

/**
 * Task sequence variables: names without case, values never changed in place. A change shares all but
 * one of 256 buckets with what it was made from, so that a long run may keep each of its states.
 */
export class Variables implements Iterable<Variable> {
  static readonly none: Variables = new Variables(
    Array.from({ length: BUCKETS }, () => noBucket),
    new Map(),
  );
  readonly #buckets: readonly Bucket[];
  /** Values of the secret ones by key, so that hiding them in a text looks at no others; '' of a withheld one. */
  readonly #secrets: ReadonlyMap<string, string>;

  private constructor(buckets: readonly Bucket[], secrets: ReadonlyMap<string, string>) {
    this.#buckets = buckets;
    this.#secrets = secrets;
  }

  /** The variable of that name, or undefined. `SMSTSLastActionRetCode` reads `_SMSTSLastActionRetCode`. */
  get(name: string): Variable | undefined {
    const key = name.trim().toLowerCase();
    return this.#find(key) ?? this.#find(aliases.get(key));
  }

  /** The value of that name; undefined when there is none. */
  value(name: string): string | undefined {
    return this.get(name)?.value;
  }

  /** Names of those whose values are kept elsewhere. */
  withheldNames(): readonly string[] {
    return [...this.#secrets].flatMap(([key, value]) => (value === '' ? [key] : []));
  }

  /** These with one changed; an empty value deletes. A name that was secret stays secret until deleted. */
  set(change: VariableChange): Variables {
    return this.setAll([change]);
  }

  /** These with several changed, in order. */
  setAll(changes: readonly VariableChange[]): Variables {
    if (changes.length === 0) return this;
    const buckets = [...this.#buckets];
    let secrets = this.#secrets;
    for (const change of changes) {
      const name = change.name.trim();
      const key = name.toLowerCase();
      const index = bucketOf(key);
      const bucket = new Map(buckets[index]);
      const wasSecret = secrets.has(key);
      const isThere = change.value !== '' || change.withheld === true;
      const secret = isThere && (change.secret || wasSecret || isSecretName(key));
      const withheld = change.withheld === true ? { withheld: true as const } : {};
      if (isThere) bucket.set(key, { name, value: change.value, secret, ...withheld });
      else bucket.delete(key);
      buckets[index] = bucket;
      if (secret) secrets = new Map(secrets).set(key, change.value);
      else if (wasSecret) secrets = new Map([...secrets].filter(([other]) => other !== key));
    }
    return new Variables(buckets, secrets);
  }

  /** What to hide in texts: the values of all that are secret, prepared once. */
  secretTexts(): readonly string[] {
    const known = preparedSecrets.get(this.#secrets);
    if (known !== undefined) return known;
    const texts = secretTexts(this.#secrets.values());
    preparedSecrets.set(this.#secrets, texts);
    return texts;
  }

  *[Symbol.iterator](): Iterator<Variable> {
    for (const bucket of this.#buckets) yield* bucket.values();
  }

  #find(key: string | undefined): Variable | undefined {
    return key === undefined ? undefined : this.#buckets[bucketOf(key)]?.get(key);
  }
}

/** Most changes make no secret: all that are made without one share what is prepared here. */
const preparedSecrets = new WeakMap<ReadonlyMap<string, string>, readonly string[]>();

/** FNV-1a over the characters: only spreads names, no one attacks it. */
function bucketOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index++)
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  return (hash >>> 0) % BUCKETS;
}

/** What is wrong with a name as a person or a script may set it, or undefined. `_` names are read-only. */
export function variableNameProblem(name: string): string | undefined {
  const trimmed = name.trim();
  if (trimmed.length === 0 || trimmed.length > MAX_NAME)
    return `a variable name has 1 to ${MAX_NAME} characters, this one ${trimmed.length}`;
  if (trimmed.startsWith('_')) return `${trimmed} is read-only: names with _ belong to the engine`;
  if (!NAME.test(trimmed))
    return `"${trimmed}" is no variable name: letters, digits, _ and -, a letter first`;
  return undefined;
}

/** What is wrong with a value, or undefined. The value itself is not told: it may be secret. */
export function variableValueProblem(value: string): string | undefined {
  if (value.length > MAX_VALUE)
    return `the value has ${value.length} characters, a variable holds ${MAX_VALUE}`;
  // No environment of a process and no command line could hold it.
  if (value.includes('\0')) return 'the value has a NUL character';
  return undefined;
}

/** A text with its variables put in, and the names that had no value here. */
export interface Substituted {
  readonly text: string;
  readonly unknown: readonly string[];
}

const none: readonly string[] = [];

/** `%Name%` in a text. A lone `%`, and one before a blank, are text. */
export const VARIABLE_MARK = /%([A-Za-z_][A-Za-z0-9_-]{0,255})%/g;

/**
 * Replaces each `%Name%` once; what is put in is not looked through again. An unknown name becomes empty,
 * but `%ProgramData%` and other names of Windows stay as they are: the system puts them in.
 */
export function substitute(text: string, variables: Variables): Substituted {
  if (!text.includes('%')) return { text, unknown: none };
  const unknown: string[] = [];
  const replaced = text.replaceAll(VARIABLE_MARK, (mark, name: string) => {
    const found = variables.get(name);
    if (found === undefined && isSystemName(name)) return mark;
    if (found === undefined || found.withheld === true) unknown.push(name);
    return found?.value ?? '';
  });
  return { text: replaced, unknown };
}

/** A text for a log or a screen: each value of a secret variable, and each of `former`, is hidden. */
export function hideSecrets(
  text: string,
  variables: Variables,
  former: Iterable<string> = [],
): string {
  return maskSecrets(text, [...variables.secretTexts(), ...secretTexts(former)]);
}
