import { StepError } from '../../../sequence/step-error.ts';

const MAX_CHARACTERS = 4 * 1024 * 1024;
/** No tool prints a longer line that means anything; what is read of a longer one is its beginning. */
const MAX_LINE = 4096;

/**
 * The lines that a tool printed, without blanks at their ends. A carriage return ends a line too, as of
 * progress, and `\r\r\n` is one end, as wmic writes it. @throws {StepError} `tool.output-size`
 */
export function toolLines(output: string, tool: string): string[] {
  if (output.length > MAX_CHARACTERS)
    throw new StepError(
      'tool.output-size',
      `${tool} printed ${output.length} characters, ${MAX_CHARACTERS} are read`,
    );
  return output
    .replaceAll('\0', '')
    .replaceAll('\r\r\n', '\n')
    .replaceAll('\r\n', '\n')
    .split(/[\r\n]/)
    .map((line) => line.slice(0, MAX_LINE).trimEnd());
}

/** A piece of a line for a message, short and on one line. */
export function excerpt(line: string): string {
  const text = line.trim();
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
