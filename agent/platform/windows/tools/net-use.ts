import { toolLines } from './tool-lines.ts';

/**
 * The number of the system error that `net use` failed with: its exit code is 2 for all of them, and the
 * number stands in a sentence (`System error 53 has occurred.`, `Systemfehler 53 aufgetreten.`, `システム エラー 53
 * が発生しました。`). Null where no line has one number only. Its meaning is `toolExit('net use', number)`.
 * @throws {StepError} `tool.output-size`
 */
export function netUseError(output: string): number | null {
  for (const line of toolLines(output, 'net use')) {
    // A line with a path or a server is another message.
    const numbers = line.includes('\\') ? [] : [...line.matchAll(/(?<![\w.:])\d{1,10}(?![\w:])/gu)];
    const [only] = numbers;
    if (numbers.length === 1 && only) return Number(only[0]);
  }
  return null;
}
