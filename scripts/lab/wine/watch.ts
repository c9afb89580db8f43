/** What is seen of a start from outside. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Child } from '../child.ts';

const START_LIMIT_MS = 400_000;
/** How long an agent shows the end of its run before this computer is switched off. */
const SHOWN_MS = 15_000;

/** Its exit code. An agent that has stopped shows that for ever: nobody stands before it here. */
export async function endOf(session: Child, ended: () => Promise<boolean>): Promise<number | null> {
  const began = performance.now();
  let endedMs: number | undefined;
  const look = setInterval(() => {
    const now = performance.now();
    void ended().then((is) => (endedMs ??= is ? now : undefined));
    const shown = endedMs !== undefined && now - endedMs > SHOWN_MS;
    if (shown || now - began > START_LIMIT_MS || /^The agent stopped/m.test(session.tail()))
      session.kill('SIGKILL');
  }, 2000);
  const { code } = await session.exited;
  clearInterval(look);
  return code;
}

/** Logs that agents have written below a folder. */
export async function logsBelow(home: string): Promise<string[]> {
  const names = await readdir(home, { recursive: true }).catch((): string[] => []);
  return names
    .filter((name) => /(smsts|metalwright)[^/]*\.log$/i.test(name))
    .map((name) => join(home, name));
}
