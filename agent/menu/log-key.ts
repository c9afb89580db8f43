import { keys } from './keys.ts';
import type { Terminals } from './terminals.ts';

/** How long what came of it is shown. */
const SHOWN_MS = 15_000;

/** F9 copies the log to the removable disks; what came of it is shown for a while. */
export function logKey(
  terminals: Pick<Terminals, 'onInput' | 'setOverlay'>,
  copy: () => Promise<{ readonly copied: readonly string[]; readonly problems: readonly string[] }>,
  shownMs = SHOWN_MS,
): Disposable {
  let busy = false;
  let timer: NodeJS.Timeout | undefined;
  const run = async (): Promise<void> => {
    terminals.setOverlay(['Copying the log to the removable disks']);
    const lines: string[] = [];
    try {
      const { copied, problems } = await copy();
      lines.push(...copied.map((where) => `The log is on ${where}`));
      lines.push(...problems.map((problem) => `The log is not on ${problem}`));
      if (lines.length === 0) lines.push('There is no removable disk for the log');
    } catch (error) {
      lines.push(
        `The log cannot be copied: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
    terminals.setOverlay(lines);
    clearTimeout(timer);
    timer = setTimeout(() => terminals.setOverlay(undefined), shownMs);
    timer.unref();
  };
  const listening = terminals.onInput((text) => {
    if (text !== keys.f9 || busy) return;
    busy = true;
    void run().finally(() => {
      busy = false;
    });
  });
  return {
    [Symbol.dispose]() {
      clearTimeout(timer);
      listening[Symbol.dispose]();
    },
  };
}
