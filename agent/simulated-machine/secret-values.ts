import type { VariableChange } from '#agent/protocol/run-event.ts';
import { maskSecrets, secretTexts } from '#agent/sequence/mask-secrets.ts';
import { isSecretName } from '#agent/sequence/secret-names.ts';

/** Every secret value that a run has had, to be hidden in all that is told of it. */
export class SecretValues {
  readonly #values = new Set<string>();
  #texts: readonly string[] = [];

  add(changes: readonly VariableChange[]): void {
    const before = this.#values.size;
    for (const { name, value, secret } of changes)
      if (secret || isSecretName(name)) this.#values.add(value);
    if (this.#values.size > before) this.#texts = secretTexts(this.#values);
  }

  hide(text: string): string {
    return maskSecrets(text, this.#texts);
  }
}
