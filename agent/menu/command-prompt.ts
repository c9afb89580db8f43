import { setTimeout as sleep } from 'node:timers/promises';
import { keys, typeLine } from './keys.ts';
import type { Terminals } from './terminals.ts';

/** After the first wrong password, doubled with each further one. */
const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 60_000;

/** A command prompt that F8 opens, where the deployment lets it, behind its password. */
export interface CommandPrompt extends Disposable {
  /** Comes back when the open one is closed: so long the machine is not restarted after a failure. */
  closed(): Promise<void>;
  readonly isOpen: boolean;
}

/**
 * Listens for F8. The password is asked for on the screen and never shown; wrong ones make the next try wait.
 * Escape leaves the question. While a prompt is open, no second one opens.
 */
export function commandPrompt(parts: {
  readonly terminals: Pick<Terminals, 'onInput' | 'takeInput' | 'setOverlay'>;
  readonly isRight: (password: string) => Promise<boolean>;
  /** Opens it in a window of its own; comes back when it is closed. */
  readonly open: () => Promise<void>;
  readonly log: (message: string) => void;
  readonly wait?: (ms: number) => Promise<void>;
}): CommandPrompt {
  const { terminals, isRight, open, log, wait = pause } = parts;
  let opened: Promise<void> | undefined;
  let asking = false;
  let waitMs = FIRST_WAIT_MS;

  const ask = async (): Promise<void> => {
    for (let note = ''; ; ) {
      const password = await readPassword(terminals, note);
      if (password === undefined) return;
      terminals.setOverlay(['Looking at the password']);
      if (await isRight(password)) break;
      log('A wrong password for the command prompt was typed at the machine');
      terminals.setOverlay([`That is not the password. Wait ${Math.ceil(waitMs / 1000)} s`]);
      {
        using _deaf = terminals.takeInput(() => {});
        await wait(waitMs);
      }
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
      note = 'That was not the password.';
    }
    waitMs = FIRST_WAIT_MS;
    log('A command prompt was opened at the machine');
    opened = open()
      .catch((error: unknown) => log(`The command prompt: ${String(error)}`))
      .finally(() => {
        opened = undefined;
        log('The command prompt was closed');
      });
  };
  const listening = terminals.onInput((text) => {
    if (text !== keys.f8 || asking || opened) return;
    asking = true;
    void ask()
      .catch((error: unknown) => log(`The command prompt: ${String(error)}`))
      .finally(() => {
        asking = false;
        terminals.setOverlay(undefined);
      });
  });
  return {
    get isOpen() {
      return opened !== undefined;
    },
    async closed() {
      await opened;
    },
    [Symbol.dispose]: () => listening[Symbol.dispose](),
  };
}

async function readPassword(
  terminals: Pick<Terminals, 'takeInput' | 'setOverlay'>,
  note: string,
): Promise<string | undefined> {
  const end = Promise.withResolvers<string | undefined>();
  let line = '';
  const show = (): void =>
    terminals.setOverlay([
      ...(note === '' ? [] : [note]),
      'Password for the command prompt (Escape: none):',
      `${'*'.repeat(line.length)}_`,
    ]);
  show();
  using _asking = terminals.takeInput((text) => {
    const step = typeLine(line, text);
    line = step.typed;
    if (step.end === undefined) show();
    else end.resolve(step.end === 'entered' ? line : undefined);
  });
  return await end.promise;
}

async function pause(ms: number): Promise<void> {
  await sleep(ms);
}
