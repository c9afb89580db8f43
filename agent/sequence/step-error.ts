/** An expected failure of a step. `code` is stable and dotted; `exitCode` is what `_SMSTSLastActionRetCode` shows. */
export class StepError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly exitCode: number;
  constructor(
    code: string,
    message: string,
    options: { hint?: string; exitCode?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'StepError';
    this.code = code;
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? 0x80004005;
  }
}
