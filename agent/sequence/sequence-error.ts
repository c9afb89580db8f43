/** One thing wrong in a task sequence document. `path` points into the document: `steps[1].steps[0].type`. */
export interface SequenceProblem {
  readonly path: string;
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/** A task sequence that cannot be read or gone on with. `problems` has all that is wrong, first first. */
export class SequenceError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly problems: readonly SequenceProblem[];
  constructor(
    code: string,
    message: string,
    options: { hint?: string; problems?: readonly SequenceProblem[] } = {},
  ) {
    super(message);
    this.name = 'SequenceError';
    this.code = code;
    this.hint = options.hint;
    this.problems = options.problems ?? [];
  }
}
