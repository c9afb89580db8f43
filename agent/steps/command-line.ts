import { StepError } from '#agent/sequence/step.ts';

/**
 * Splits a command line into arguments, without a shell: no pipes, no redirection, no `$`.
 *
 * Double quotes group, and backslashes are themselves unless a double quote follows (the rule of
 * Windows programs: `2n` backslashes and a quote are `n` and the end, `2n+1` are `n` and a quote), so
 * that Windows paths need no care. Single quotes group too, but only where an argument or, after `=`,
 * a value begins: elsewhere they are apostrophes.
 * @throws {StepError} `command.empty`, `command.quote`
 */
export function parseCommandLine(text: string): [string, ...string[]] {
  const reader = { text, at: 0 };
  const words: string[] = [];
  for (;;) {
    while (/\s/.test(text[reader.at] ?? '')) reader.at++;
    if (reader.at >= text.length) break;
    words.push(readWord(reader));
  }
  const [program, ...rest] = words;
  if (program === undefined || program === '')
    throw new StepError('command.empty', 'Cannot run an empty command line', {
      hint: 'A variable in it may have no value.',
    });
  return [program, ...rest];
}

function readWord(reader: { readonly text: string; at: number }): string {
  const { text } = reader;
  let word = '';
  let open: '"' | "'" | undefined;
  let openedAt = 0;
  const start = reader.at;
  while (reader.at < text.length) {
    const character = text[reader.at] ?? '';
    if (open === undefined && /\s/.test(character)) break;
    if (character === '\\' && open !== "'") {
      const run = /^\\+/.exec(text.slice(reader.at))?.[0].length ?? 1;
      const beforeQuote = text[reader.at + run] === '"';
      word += '\\'.repeat(beforeQuote ? Math.floor(run / 2) : run);
      reader.at += run;
      if (beforeQuote && run % 2 === 1) {
        word += '"';
        reader.at++;
      }
      continue;
    }
    const opensSingle = character === "'" && (reader.at === start || text[reader.at - 1] === '=');
    if (character === open) open = undefined;
    else if (open === undefined && (character === '"' || opensSingle)) {
      open = character === '"' ? '"' : "'";
      openedAt = reader.at;
    } else word += character;
    reader.at++;
  }
  if (open !== undefined)
    throw new StepError(
      'command.quote',
      `Cannot read the command line: the ${open} at character ${openedAt + 1} is never closed`,
    );
  return word;
}
