import { catalogVariable, variableCatalog } from './variable-catalog.ts';

/** Variables that hold a secret whoever sets them: the secret settings of the built-in steps. */
const secretNames: ReadonlySet<string> = new Set(
  variableCatalog.flatMap(({ variables }) =>
    variables.flatMap(({ name, secret }) => (secret === true ? name.toLowerCase() : [])),
  ),
);

/**
 * Whether a secret variable of that name is given to one step at a time. One that the engine and its steps read
 * by themselves, SMSTSRebootDelay, is known during the whole run; passwords of steps are not.
 */
export function isReleasedPerStep(name: string): boolean {
  return catalogVariable(name) === undefined || isSecretName(name);
}

/** Whether a variable of that name is never printed, whether it was marked as secret or not. */
export function isSecretName(name: string): boolean {
  return secretNames.has(name.trim().toLowerCase());
}
