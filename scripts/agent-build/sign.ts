import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Time stamps come from a server of the signer's, and a key in hardware may want a finger on it. */
const SIGN_TIMEOUT_MS = 10 * 60_000;

/**
 * Signs a file in place: `command` with the file as its last argument. No shell reads it, so nothing in it
 * is a variable or a redirection.
 */
export async function signFile(path: string, command: string, signal: AbortSignal): Promise<void> {
  const [tool, ...words] = splitCommand(command);
  if (tool === undefined) throw new RangeError('--sign: the command is empty');
  try {
    await promisify(execFile)(tool, [...words, path], { signal, timeout: SIGN_TIMEOUT_MS });
  } catch (error) {
    signal.throwIfAborted();
    const said: unknown = error instanceof Error ? Reflect.get(error, 'stderr') : undefined;
    const ended =
      error instanceof Error ? ['code', 'signal'].map((key) => Reflect.get(error, key)) : [];
    const text = typeof said === 'string' ? said.trim().slice(-500) : '';
    // Neither the other words nor the cause, which has them, are told: a password may be among them.
    // oxlint-disable-next-line preserve-caught-error
    throw new Error(
      `--sign: ${tool} ended with ${String(ended.find((value) => value !== null))}${text === '' ? '' : `: ${text}`}`,
    );
  }
}

/** The words of a command, apart at blanks; those between double or single quotation marks stay together. */
export function splitCommand(command: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (const character of command)
    if (quote !== undefined) {
      if (character === quote) quote = undefined;
      else word = (word ?? '') + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + character;
  if (quote !== undefined) throw new RangeError(`--sign: a ${quote} is not closed`);
  return word === undefined ? words : [...words, word];
}
