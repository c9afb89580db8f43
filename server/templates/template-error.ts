/** One answer that is missing or cannot be; `answer` is its name in the template. */
export interface AnswerProblem {
  readonly answer: string;
  readonly message: string;
  /** Whether an answer would do; else the one that was given cannot be. */
  readonly isMissing: boolean;
}

/** Answers from which a template makes no task sequence, with all that is wrong with them. */
export class TemplateError extends Error {
  readonly code: 'template.answers';
  readonly problems: readonly AnswerProblem[];

  constructor(template: string, problems: readonly AnswerProblem[]) {
    const told = problems.map(({ answer, message }) => `${answer}: ${message}`).join('; ');
    super(`The template "${template}" cannot use these answers: ${told}`);
    this.name = 'TemplateError';
    this.code = 'template.answers';
    this.problems = problems;
  }
}
