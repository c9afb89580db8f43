/**
 * `metalwright-ts`, that is `metalwright-agent ts`. Scripts call it many times and wait for it each time:
 * what is imported here is small and has no dependency.
 */
import { parseArguments, type TsCommand, USAGE } from './arguments.ts';
import { ask } from './ask.ts';
import { MAX_REQUEST_BYTES, type TsAnswer, type TsRequest } from './messages.ts';
import { TsError } from './ts-error.ts';

const exitCode = { done: 0, notSet: 1, failed: 2 } as const;
/** As `HIDDEN` of sequence/variables.ts, which would load the schemas with it. */
const HIDDEN = '********';

/** What a call has of its process. */
export interface CommandParts {
  /** METALWRIGHT_TS. */
  readonly address: string | undefined;
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly print: (text: string) => Promise<void>;
  readonly printError: (text: string) => Promise<void>;
}

/** Does what the words ask for, and returns the exit code: 0, 1 for a variable that is not set, 2. */
export async function runTsCommand(words: readonly string[], parts: CommandParts): Promise<number> {
  try {
    const command = parseArguments(words);
    const answer: TsAnswer | undefined =
      command.kind === 'help'
        ? undefined
        : await ask(parts.address, await requestOf(command, parts.stdin));
    if (answer?.kind === 'error') throw new TsError(answer.code, answer.message, answer.hint);
    await parts.print(answer === undefined ? USAGE : textOf(answer, command));
    return answer?.kind === 'not-set' ? exitCode.notSet : exitCode.done;
  } catch (error) {
    if (!(error instanceof TsError)) throw error;
    const { code, message, hint } = error;
    const todo = hint === undefined ? '' : `what to do: ${hint}\n`;
    await parts.printError(`metalwright-ts: ${code}: ${message}\n${todo}`);
    return exitCode.failed;
  }
}

async function requestOf(
  command: Exclude<TsCommand, { kind: 'help' }>,
  stdin: AsyncIterable<Uint8Array>,
): Promise<TsRequest> {
  switch (command.kind) {
    case 'get':
      return { op: 'get', name: command.name };
    case 'list':
      return { op: 'list', values: command.values };
    case 'set': {
      const { name, secret } = command;
      return { op: 'set', name, secret, value: command.value ?? (await textFrom(stdin)) };
    }
  }
}

function textOf(answer: Exclude<TsAnswer, { kind: 'error' }>, command: TsCommand): string {
  if (answer.kind === 'variable') return `${answer.value}\n`;
  if (answer.kind !== 'list' || command.kind !== 'list') return '';
  const { variables } = answer;
  if (command.json) return `${JSON.stringify(variables, undefined, 2)}\n`;
  return variables
    .map(({ name, value }) => (command.values ? `${name}=${value ?? HIDDEN}\n` : `${name}\n`))
    .join('');
}

/** All that comes in, without one line end at its end. @throws {TsError} `ts.too-long` */
async function textFrom(stdin: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of stdin) {
    size += piece.length;
    if (size > MAX_REQUEST_BYTES)
      throw new TsError(
        'ts.too-long',
        `More than ${MAX_REQUEST_BYTES} bytes come in`,
        'A variable holds 4,000 characters: keep larger data in a file.',
      );
    pieces.push(piece);
  }
  return Buffer.concat(pieces)
    .toString('utf8')
    .replace(/\r?\n$/, '');
}
