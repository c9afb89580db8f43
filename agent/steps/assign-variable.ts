import type { StepContext } from '#agent/sequence/step.ts';
import { HIDDEN } from '#agent/sequence/variables.ts';

/**
 * Sets a variable for a sequence, and tells the log. A value that a secret was put into is a secret
 * too: it would be seen, or be worthless with the secret cut out of it.
 * @throws {StepError} `variable.invalid`
 */
export function assignVariable(
  {
    name,
    value,
    secret,
  }: { readonly name: string; readonly value: string; readonly secret: boolean },
  { variables, log }: Pick<StepContext, 'variables' | 'log'>,
): void {
  variables.set(name, value, { secret: secret || variables.hide(value) !== value });
  const isHidden = variables.get(name)?.secret === true;
  log(value === '' ? `${name.trim()} deleted` : `${name.trim()} = ${isHidden ? HIDDEN : value}`);
}
