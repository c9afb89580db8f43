import { toolLines } from './tool-lines.ts';

/** What bcdboot said of its failure: its error lines, and the numbers in them. */
export interface BcdbootProblem {
  readonly messages: readonly string[];
  /** NTSTATUS (`[c000003a]`) and Win32 (`0x2`) numbers, in their order. */
  readonly codes: readonly number[];
}

/**
 * The lines of `bcdboot /v` and of its failures, which begin with `BFSVC` and are English in every language.
 * Null where there are none; the exit code counts. @throws {StepError} `tool.output-size`
 */
export function parseBcdbootProblem(output: string): BcdbootProblem | null {
  const messages = toolLines(output, 'bcdboot')
    .filter((line) => /^BFSVC (?:Error|Warning)/i.test(line))
    .slice(0, 50);
  if (messages.length === 0) return null;
  const numbers = messages.flatMap((line) => [
    ...line.matchAll(/\[(?:0x)?([0-9a-f]{8})\]|0x([0-9a-f]{1,8})\b/gi),
  ]);
  return {
    messages,
    codes: numbers.map(([, status, code]) => Number(`0x${status ?? code ?? ''}`)),
  };
}
