/** Longest variable that SetEnvironmentVariable takes, its name with it. */
const MAX_CHARACTERS = 32_767;
/** The agent's settings are not a child's business. */
const OWN = /^METALWRIGHT_/i;

/**
 * The environment of a command: that of the agent without its settings, and the variables over it; names
 * have no case. What Windows takes for no variable is left out, and named. Pure.
 */
export function childEnvironment(
  own: Readonly<Record<string, string | undefined>>,
  given: Readonly<Record<string, string>>,
): { readonly environment: Record<string, string>; readonly leftOut: readonly string[] } {
  const names = new Map<string, string>();
  const environment: Record<string, string> = {};
  const leftOut: string[] = [];
  const put = (name: string, value: string): void => {
    const isTaken =
      name !== '' &&
      !/[=\0]/.test(name.slice(1)) &&
      !value.includes('\0') &&
      name.length + value.length < MAX_CHARACTERS;
    if (!isTaken) {
      leftOut.push(name);
      return;
    }
    const known = names.get(name.toUpperCase()) ?? name;
    names.set(name.toUpperCase(), known);
    environment[known] = value;
  };
  for (const [name, value] of Object.entries(own))
    if (value !== undefined && !OWN.test(name)) put(name, value);
  for (const [name, value] of Object.entries(given)) put(name, value);
  return { environment, leftOut };
}

/** The value of a variable, whatever the case of its name. Pure. */
export function valueOf(
  environment: Readonly<Record<string, string | undefined>>,
  name: string,
): string | undefined {
  const upper = name.toUpperCase();
  return Object.entries(environment).find(([each]) => each.toUpperCase() === upper)?.[1];
}
