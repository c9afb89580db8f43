import { createInterface } from 'node:readline';
import { CliError } from './cli-error.ts';

/** Questions and answers at a terminal, a line each. */
export interface Dialogue extends Disposable {
  say(text: string): void;
  /** The line that is typed, without its end. @throws {CliError} `cli.stopped` at Ctrl-C, at Ctrl-D, and when the command is stopped */
  ask(question: string): Promise<string>;
}

/**
 * Opens a dialogue. Lines that come before they are asked for, as when several are pasted, are the
 * answers to the questions that follow.
 */
export function openDialogue(
  streams: { readonly input: NodeJS.ReadableStream; readonly output: NodeJS.WritableStream },
  signal: AbortSignal,
): Dialogue {
  const { input, output } = streams;
  const lines = createInterface({ input, output, terminal: true, historySize: 0 });
  const early: string[] = [];
  let waiting: { answer: (line: string) => void; stop: () => void } | undefined;
  let isClosed = false;
  const close = (): void => lines.close();
  lines.on('line', (line) => {
    if (waiting === undefined) early.push(line);
    else waiting.answer(line);
  });
  lines.on('close', () => {
    isClosed = true;
    signal.removeEventListener('abort', close);
    waiting?.stop();
  });
  lines.on('SIGINT', close);
  signal.addEventListener('abort', close);
  return {
    say: (text) => void output.write(text),
    ask(question) {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const stopped = () => reject(new CliError('cli.stopped', 'stopped before all was answered'));
      const line = early.shift();
      if (line !== undefined) {
        output.write(`${question}${line}\n`);
        resolve(line);
      } else if (isClosed || signal.aborted) {
        stopped();
      } else {
        waiting = { answer: resolve, stop: stopped };
        lines.setPrompt(question);
        lines.prompt();
      }
      return promise.finally(() => {
        waiting = undefined;
      });
    },
    [Symbol.dispose]: close,
  };
}
