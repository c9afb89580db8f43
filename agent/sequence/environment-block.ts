import type { Variable } from './variables.ts';

/**
 * Characters of the environment of a Windows process, names, values, `=` and ends counted. The same
 * everywhere, so that a sequence finds the same on each system.
 */
const BLOCK = 32_767;
/** Of those, for what a process inherits and for how scripts reach the variables. */
const RESERVED = 8_191;
/** What `=` would end and a NUL cut; blanks no shell could name. */
const NAME = /^[^\s=\p{Cc}]+$/u;

/** Variables as a child process gets them, and those it does not. */
export interface EnvironmentBlock {
  readonly environment: Readonly<Record<string, string>>;
  /** Secrets are not told here: none is ever in. */
  readonly leftOut: readonly { readonly name: string; readonly reason: string }[];
}

/**
 * Variables as the environment of a child process: all but the secrets, and but for what no environment
 * can hold. Where they are too many the longest are left out, as few as need be; scripts reach them
 * all the same by the command `metalwright-ts`.
 */
export function environmentOf(variables: Iterable<Variable>): EnvironmentBlock {
  const leftOut: { name: string; reason: string }[] = [];
  const fitting: Variable[] = [];
  let size = 0;
  for (const variable of variables) {
    const { name, value, secret } = variable;
    if (secret) continue;
    if (!NAME.test(name))
      leftOut.push({ name: JSON.stringify(name), reason: 'the name is not one' });
    else if (value.includes('\0')) leftOut.push({ name, reason: 'its value has a NUL character' });
    else {
      fitting.push(variable);
      size += sizeOf(variable);
    }
  }
  if (size > BLOCK - RESERVED) {
    fitting.sort((one, other) => sizeOf(one) - sizeOf(other));
    for (let last = fitting.at(-1); last && size > BLOCK - RESERVED; last = fitting.at(-1)) {
      fitting.pop();
      size -= sizeOf(last);
      const reason = `all together are too long, and this one has ${last.value.length} characters`;
      leftOut.push({ name: last.name, reason });
    }
  }
  const environment = Object.fromEntries(fitting.map(({ name, value }) => [name, value]));
  return { environment, leftOut };
}

/** `name=value` and its end. */
function sizeOf({ name, value }: Variable): number {
  return name.length + value.length + 2;
}
