import { TsError } from './ts-error.ts';

/** What the words after `metalwright-ts` ask for. */
export type TsCommand =
  | { readonly kind: 'help' }
  | { readonly kind: 'get'; readonly name: string }
  | { readonly kind: 'list'; readonly values: boolean; readonly json: boolean }
  | {
      readonly kind: 'set';
      readonly name: string;
      readonly secret: boolean;
      /** Undefined: it comes by the standard input. */
      readonly value: string | undefined;
    };

/** What `metalwright-ts --help` prints. */
export const USAGE = `Reads and sets the variables of the running task sequence.

  metalwright-ts get NAME                      prints the value; exit code 1 when it is not set
  metalwright-ts set [--secret] NAME VALUE     an empty VALUE deletes the variable
  metalwright-ts set [--secret] NAME --stdin   the value is what comes in, without its last line end
  metalwright-ts list [--values | --json]      the names, all but secret values too, or all as JSON

Words that begin with -- are options; after a lone -- they are not.
Exit codes: 0 done, 1 not set, 2 anything else, with the reason on the standard error.
`;

const allowed: Readonly<Record<string, readonly string[]>> = {
  get: [],
  set: ['--secret', '--stdin'],
  list: ['--values', '--json'],
};

/** @throws {TsError} `ts.usage` */
export function parseArguments(words: readonly string[]): TsCommand {
  const [verb = '', ...others] = words;
  const end = others.indexOf('--');
  const before = end < 0 ? others : others.slice(0, end);
  const options = new Set(before.filter((word) => word.startsWith('--')));
  if (options.has('--help') || ['--help', '-h', 'help'].includes(verb)) return { kind: 'help' };
  const known = Object.hasOwn(allowed, verb) ? allowed[verb] : undefined;
  if (!known) throw usage(verb === '' ? 'Nothing was asked for' : `There is no command ${verb}`);
  const unknown = [...options].find((option) => !known.includes(option));
  if (unknown !== undefined) throw usage(`${verb} has no option ${unknown}`);
  const plain = [
    ...before.filter((word) => !word.startsWith('--')),
    ...(end < 0 ? [] : others.slice(end + 1)),
  ];
  const [name, value, ...more] = plain;
  if (verb === 'list') {
    if (plain.length > 0) throw usage(`list takes no name, there is ${plain[0]}`);
    const json = options.has('--json');
    return { kind: 'list', json, values: json || options.has('--values') };
  }
  if (name === undefined) throw usage(`${verb} needs the name of a variable`);
  if (verb === 'get') {
    if (plain.length > 1) throw usage(`get takes one name, there are ${plain.length}`);
    return { kind: 'get', name };
  }
  const byStdin = options.has('--stdin');
  if (byStdin && value !== undefined) throw usage('set takes a value or --stdin, not both');
  if (!byStdin && value === undefined) throw usage('set needs a value, or --stdin');
  if (more.length > 0) throw usage('set takes one value: quote it if there are blanks in it');
  return { kind: 'set', name, secret: options.has('--secret'), value };
}

function usage(message: string): TsError {
  return new TsError('ts.usage', message, 'metalwright-ts --help shows what there is.');
}
