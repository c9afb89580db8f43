import type { AskedVariable, RunRequest } from '../protocol/policy.ts';
import { typeLine } from './keys.ts';
import type { Terminals } from './terminals.ts';

/** What was typed for each variable; those that were left empty are not in it. */
type Typed = NonNullable<RunRequest['variables']>;

/**
 * Asks for variables that are set to nothing, one after the other, as the *Edit variables* page of
 * Configuration Manager does. What is typed for a secret one is not shown. An empty line leaves a variable
 * without a value; Escape goes back to the menu, and so does `againMs` without a key: then undefined.
 */
export async function askVariables(
  terminals: Pick<Terminals, 'takeInput' | 'setOverlay'>,
  asks: readonly AskedVariable[],
  { signal, againMs }: { readonly signal: AbortSignal; readonly againMs?: number },
): Promise<Typed | undefined> {
  const typed: { name: string; value: string }[] = [];
  // Nothing else holds the process while a person thinks.
  const alive = setInterval(() => {}, 60_000);
  try {
    for (const [index, { name, secret }] of asks.entries()) {
      const title = `${name} (${index + 1} of ${asks.length}; Enter: none, Escape: back):`;
      const value = await readLine(terminals, { title, secret }, { signal, againMs });
      if (value === undefined) return undefined;
      if (value !== '') typed.push({ name, value });
    }
    return typed;
  } finally {
    clearInterval(alive);
    terminals.setOverlay(undefined);
  }
}

async function readLine(
  terminals: Pick<Terminals, 'takeInput' | 'setOverlay'>,
  { title, secret }: { readonly title: string; readonly secret: boolean },
  { signal, againMs }: { readonly signal: AbortSignal; readonly againMs: number | undefined },
): Promise<string | undefined> {
  const end = Promise.withResolvers<string | undefined>();
  const again =
    againMs === undefined ? undefined : setTimeout(() => end.resolve(undefined), againMs);
  let line = '';
  const show = (): void =>
    terminals.setOverlay([title, `${secret ? '*'.repeat(line.length) : line}_`]);
  show();
  using _asking = terminals.takeInput((text) => {
    again?.refresh();
    const step = typeLine(line, text);
    line = step.typed;
    if (step.end === undefined) show();
    else end.resolve(step.end === 'entered' ? line : undefined);
  });
  const onAbort = (): void => end.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await end.promise;
  } finally {
    clearTimeout(again);
    signal.removeEventListener('abort', onAbort);
  }
}
