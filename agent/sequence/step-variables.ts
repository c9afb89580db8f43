import type { VariableChange } from '#agent/protocol/run-event.ts';
import { environmentOf } from './environment-block.ts';
import { StepError } from './step-error.ts';
import {
  hideSecrets,
  type Variable,
  type Variables,
  variableNameProblem,
  variableValueProblem,
} from './variables.ts';

/** Gives the values of withheld variables to the step that runs. */
export type ReleaseVariables = (names: readonly string[]) => Promise<readonly VariableChange[]>;

/** Where secrets come from that the run does not hold. */
export interface SecretSource {
  /** Absent where nobody keeps any. */
  readonly release?: ReleaseVariables;
  /** Values that were given before, which a text that is to be hidden may have. */
  readonly former?: (text: string) => Iterable<string>;
}

/**
 * The values of withheld variables, one for each name.
 * @throws {StepError} `variable.unavailable`
 */
export async function withheldValues(
  names: readonly string[],
  release: ReleaseVariables | undefined,
): Promise<readonly VariableChange[]> {
  const given = (await release?.(names)) ?? [];
  const known = new Set(given.map(({ name }) => name.trim().toLowerCase()));
  const missing = names.filter((name) => !known.has(name.trim().toLowerCase()));
  if (missing.length === 0) return given;
  throw new StepError(
    'variable.unavailable',
    `The value of the secret variable ${missing.join(', ')} is kept elsewhere, and cannot be had here`,
    { hint: 'Start the machine from the network, or set the variable in the task sequence.' },
  );
}

/**
 * The variables of a running step: those of the run, its settings as action variables over them, and
 * what it and its scripts have set so far. What was set is told by `changes` however the step ends;
 * action variables are gone then.
 */
export class StepVariables implements Iterable<Variable> {
  readonly #action: ReadonlySet<string>;
  readonly #changes = new Map<string, VariableChange>();
  /** Secret values that this step replaced or deleted: its script may still print them. */
  readonly #formerSecrets = new Set<string>();
  readonly #source: SecretSource;
  #now: Variables;

  /** @param action settings of the step by variable name; one that has a value already keeps it */
  constructor(
    before: Variables,
    action: Readonly<Record<string, string>> = {},
    source: SecretSource = {},
  ) {
    this.#source = source;
    const own = Object.entries(action).filter(
      ([name, value]) => value !== '' && before.get(name) === undefined,
    );
    this.#action = new Set(own.map(([name]) => name.toLowerCase()));
    // A setting that a secret was put into is one too: programs are not to find it in their environment.
    const isSecret = (value: string): boolean => hideSecrets(value, before) !== value;
    this.#now = before.setAll(
      own.map(([name, value]) => ({ name, value, secret: isSecret(value) })),
    );
  }

  get(name: string): Variable | undefined {
    return this.#now.get(name);
  }

  /**
   * The value of that name, without case; undefined when there is none.
   * @throws {StepError} `variable.withheld`: to be asked for first, by `reveal`
   */
  value(name: string): string | undefined {
    const found = this.#now.get(name);
    if (found?.withheld !== true) return found?.value;
    throw new StepError(
      'variable.withheld',
      `The secret variable ${found.name} is read by a step that has not asked for it`,
      { hint: `Write %${found.name}% into a setting of the step.` },
    );
  }

  /**
   * Asks for the values of those that are withheld; all others are known already.
   * @throws {StepError} `variable.unavailable`, and what whoever keeps them refuses with
   */
  async reveal(names: Iterable<string>): Promise<void> {
    const keys = new Set([...names].map((name) => name.trim().toLowerCase()));
    const wanted = [...keys].filter((key) => this.#now.get(key)?.withheld === true);
    if (wanted.length === 0) return;
    const given = await withheldValues(wanted, this.#source.release);
    // A script may have set it meanwhile.
    this.#now = this.#now.setAll(
      given.filter(({ name }) => this.#now.get(name)?.withheld === true),
    );
  }

  /** All as they are now, to put into a text. */
  get current(): Variables {
    return this.#now;
  }

  /**
   * Sets one as a sequence or a script may; an empty value deletes it.
   * @throws {StepError} `variable.invalid`: a read-only or malformed name, a value too long
   */
  set(name: string, value: string, options: { readonly secret?: boolean } = {}): void {
    const problem = variableNameProblem(name) ?? variableValueProblem(value);
    if (problem !== undefined)
      throw new StepError('variable.invalid', `Cannot set the variable: ${problem}`, {
        hint: 'Choose a name that begins with a letter, and a value of at most 4,000 characters.',
        exitCode: 0x80070057,
      });
    this.setOwn(name, value, options);
  }

  /** Sets one as a built-in step may: read-only names are the engine's own. */
  setOwn(
    name: string,
    value: string,
    { secret = false }: { readonly secret?: boolean } = {},
  ): void {
    const change = { name: name.trim(), value, secret };
    const before = this.#now.get(change.name);
    if (before?.secret === true && before.value !== value) this.#formerSecrets.add(before.value);
    this.#now = this.#now.set(change);
    // A name that was secret before stays so: the run's own variables say it.
    const isSecret = secret || this.#now.get(name)?.secret === true;
    this.#changes.set(change.name.toLowerCase(), { ...change, secret: isSecret });
  }

  /** What was set, each name once, with its last value. */
  changes(): readonly VariableChange[] {
    return [...this.#changes.values()];
  }

  /** Whether the name is a setting of this step and will be gone after it. */
  isAction(name: string): boolean {
    const key = name.trim().toLowerCase();
    return this.#action.has(key) && !this.#changes.has(key);
  }

  [Symbol.iterator](): Iterator<Variable> {
    return this.#now[Symbol.iterator]();
  }

  /** As environment variables: all but secrets, and but for those that `report` is told of. */
  environment(report: (message: string) => void = () => {}): Readonly<Record<string, string>> {
    const { environment, leftOut } = environmentOf(this.#now);
    for (const { name, reason } of leftOut)
      report(`The variable ${name} is not in the environment of the program: ${reason}`);
    return environment;
  }

  /** A text for a log: no value is in it that is secret, or was so when the step began or since. */
  hide(text: string): string {
    const former = [...this.#formerSecrets, ...(this.#source.former?.(text) ?? [])];
    return hideSecrets(text, this.#now, former);
  }
}
