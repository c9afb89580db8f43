import { relative } from 'node:path';
import { CommandError } from './child.ts';

/** Of a reason; more is in the scenario's own output. */
const MOST_CHARACTERS = 400;
const scenarios = new URL('./scenarios/', import.meta.url);

/**
 * Why a scenario failed, in one line: the first of the message, of a command also its last, and where in the
 * scenario that was. Of a run on another machine often nothing else is kept.
 */
export function failureReason(failure: unknown): string {
  if (!(failure instanceof Error)) return oneLine(JSON.stringify(failure) ?? String(failure));
  const lines = failure.message.split('\n').filter((line) => line.trim() !== '');
  const [first = failure.name] = lines;
  const last = failure instanceof CommandError && lines.length > 1 ? `: ${lines.at(-1)}` : '';
  const code = 'code' in failure && typeof failure.code === 'string' ? ` (${failure.code})` : '';
  const cause = failure.cause === undefined ? '' : `, by: ${failureReason(failure.cause)}`;
  return oneLine(`${first}${last}${code}${placeOf(failure)}${cause}`);
}

/** The innermost line of a scenario that the error came through. */
function placeOf({ stack = '' }: Error): string {
  const [, path, line] = /\(?(file:\/\/\S+\/scenarios\/[^:]+):(\d+):\d+/.exec(stack) ?? [];
  if (path === undefined) return '';
  return `, at ${relative(scenarios.pathname, new URL(path).pathname)}:${line}`;
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > MOST_CHARACTERS ? `${line.slice(0, MOST_CHARACTERS)}...` : line;
}
