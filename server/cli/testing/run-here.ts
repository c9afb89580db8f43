import { runCommandLine } from '../program.ts';
import type { Terminal } from '../terminal.ts';

/** How a command line ended, and what it said. */
interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line in this process, for tests: to start one takes most of a second. */
export async function runHere(
  argv: readonly string[],
  terminal: Partial<Terminal> = {},
): Promise<Ended> {
  let out = '';
  let err = '';
  const code = await runCommandLine(argv, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    columns: undefined,
    environment: {},
    signal: new AbortController().signal,
    ...terminal,
  });
  return { code, out, err };
}
