import { variableCatalog } from './variable-catalog.ts';

/** Variables that hold a secret whoever sets them: the secret settings of the built-in steps. */
const secretNames: ReadonlySet<string> = new Set(
  variableCatalog.flatMap(({ variables }) =>
    variables.flatMap(({ name, secret }) => (secret === true ? name.toLowerCase() : [])),
  ),
);

/** Whether a variable of that name is never printed, whether it was marked as secret or not. */
export function isSecretName(name: string): boolean {
  return secretNames.has(name.trim().toLowerCase());
}
