import type { ErrorProblem } from '#agent/protocol/error.ts';
import { IsoError } from '#media/iso/iso-error.ts';
import { problemLines } from './problem-lines.ts';

/** What a command ends with when it cannot do what was asked: what, where, and what to do. */
export class CliError extends Error {
  readonly code: string;
  readonly where: string | undefined;
  readonly hint: string | undefined;
  /** All that is wrong, where `message` says the first of it. */
  readonly problems: readonly ErrorProblem[];
  /** 1: it was understood and failed; 2: the command line itself is wrong. */
  readonly exitCode: 1 | 2;
  constructor(
    code: string,
    message: string,
    options: {
      where?: string;
      hint?: string;
      problems?: readonly ErrorProblem[];
      exitCode?: 1 | 2;
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'CliError';
    this.code = code;
    this.where = options.where;
    this.hint = options.hint;
    this.problems = options.problems ?? [];
    this.exitCode = options.exitCode ?? 1;
  }
}

/** An error that a command tells by its code: its own, or of a disc image that it reads itself. */
export function asCliError(error: unknown): CliError | undefined {
  if (error instanceof CliError) return error;
  if (!(error instanceof IsoError)) return undefined;
  const { code, message, hint, cause } = error;
  return new CliError(code, message, { ...(hint === undefined ? {} : { hint }), cause });
}

/** The lines a failed command leaves on stderr: what happened, where, what to do. */
export function formatCliError(error: CliError): string {
  const lines = [`error: ${error.message} [${error.code}]`];
  if (error.where !== undefined) lines.push(`where: ${error.where}`);
  if (error.hint !== undefined) lines.push(`what to do: ${error.hint}`);
  const rest = error.problems.filter(({ message }) => !error.message.includes(message));
  return `${lines.join('\n')}\n${problemLines(rest)}`;
}
