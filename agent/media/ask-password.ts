import { MediaError } from '#media/media-error.ts';
import { typeLine } from '../menu/keys.ts';
import type { Terminals } from '../menu/terminals.ts';

/**
 * Asks for the password of media until it is right. No delay after a wrong one: what opens them takes its time.
 * What is typed is not shown.
 */
export async function askPassword<Opened>(
  terminals: Pick<Terminals, 'show' | 'takeInput' | 'setOverlay'>,
  open: (password: string) => Promise<Opened>,
  signal: AbortSignal,
): Promise<Opened> {
  // Nothing else holds the process while a person thinks.
  const alive = setInterval(() => {}, 60_000);
  try {
    terminals.show({ kind: 'starting', text: 'These media have a password' });
    for (let tries = 1, note = ''; ; tries += 1) {
      const password = await readLine(terminals, note, signal);
      terminals.setOverlay([`Looking at the password, try ${tries}`]);
      try {
        return await open(password);
      } catch (error) {
        if (!(error instanceof MediaError && error.code === 'media.password')) throw error;
        note = `${sentence(error.message)} (${error.code}, try ${tries}). ${error.hint ?? ''}`;
      }
    }
  } finally {
    clearInterval(alive);
    terminals.setOverlay(undefined);
  }
}

async function readLine(
  terminals: Pick<Terminals, 'takeInput' | 'setOverlay'>,
  note: string,
  signal: AbortSignal,
): Promise<string> {
  signal.throwIfAborted();
  const end = Promise.withResolvers<string>();
  let line = '';
  const show = (): void =>
    terminals.setOverlay([
      ...(note === '' ? [] : [note]),
      'Password of the media, and Enter:',
      `${'*'.repeat(line.length)}_`,
    ]);
  show();
  using _asking = terminals.takeInput((text) => {
    const step = typeLine(line, text);
    line = step.typed;
    if (step.end === 'entered') end.resolve(line);
    else show();
  });
  const onAbort = (): void => end.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await end.promise;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
