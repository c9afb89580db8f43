/** Where a command writes, and how it is told to stop; tests hand in their own. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Columns of the screen; undefined when the output is a file or a pipe. */
  readonly columns: number | undefined;
  readonly signal: AbortSignal;
}
