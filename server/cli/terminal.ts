import type { Dialogue } from './dialogue.ts';

/** Where a command reads and writes, and how it is told to stop; tests hand in their own. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** All of standard input; absent where there is none. */
  readonly input?: () => Promise<string>;
  /** Opens a dialogue with whoever sits there; absent where standard input is no terminal. */
  readonly dialogue?: () => Dialogue;
  /** Columns of the screen; undefined when the output is a file or a pipe. */
  readonly columns: number | undefined;
  /** The environment of the process. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}
