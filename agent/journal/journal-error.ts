/**
 * What is wrong with a journal. `journal.damaged`: a record before the last one, or both headers, do not
 * check; `journal.foreign`: it belongs to another machine; `journal.full`: no room for another step;
 * `journal.version`: written by a format this agent does not know.
 */
export class JournalError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  constructor(code: string, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'JournalError';
    this.code = code;
    this.hint = options.hint;
  }
}
