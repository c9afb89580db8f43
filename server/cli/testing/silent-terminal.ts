import type { Terminal } from '../terminal.ts';

/** Where nothing is shown, for tests that look at commands and run none. */
export const silentTerminal: Terminal = {
  out() {},
  err() {},
  columns: undefined,
  environment: {},
  signal: new AbortController().signal,
};
