import type { ErrorProblem } from '#agent/protocol/error.ts';

/** Problems that are written; who has more puts these right first. */
const MAX_SHOWN = 20;

/** Lines on what is wrong with a task sequence: each problem, and what to do about it. */
export function problemLines(
  problems: readonly ErrorProblem[],
  word: 'problem' | 'warning' = 'problem',
): string {
  const lines = problems
    .slice(0, MAX_SHOWN)
    .flatMap(({ message, code, hint }) => [
      `  ${word}: ${message} [${code}]`,
      ...(hint === undefined ? [] : [`    what to do: ${hint}`]),
    ]);
  const more = problems.length - MAX_SHOWN;
  if (more > 0) lines.push(`  and ${more} more`);
  return lines.map((line) => `${line}\n`).join('');
}
