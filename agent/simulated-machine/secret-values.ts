import type { VariableChange } from '#agent/protocol/run-event.ts';
import { isSecretName } from '#agent/sequence/secret-names.ts';
import { HIDDEN } from '#agent/sequence/variables.ts';

/** Every secret value that a run has had, to be hidden in all that is told of it. */
export class SecretValues {
  /** The longest first, so that a secret that holds another leaves nothing of itself. */
  #values: readonly string[] = [];

  add(changes: readonly VariableChange[]): void {
    const added = changes.flatMap(({ name, value, secret }) =>
      (secret || isSecretName(name)) && value !== '' && !this.#values.includes(value)
        ? [value]
        : [],
    );
    if (added.length > 0)
      this.#values = [...this.#values, ...added].sort((one, other) => other.length - one.length);
  }

  hide(text: string): string {
    let hidden = text;
    for (const value of this.#values) hidden = hidden.replaceAll(value, HIDDEN);
    return hidden;
  }
}
