import { connect } from 'node:net';
import type { TsAnswer, TsRequest } from './messages.ts';
import { parseAnswer } from './parse-answer.ts';
import { TsError } from './ts-error.ts';

/** An agent that is busy writing gigabytes still answers in far less. */
const TIMEOUT_MS = 30_000;

/** Asks the agent. @throws {TsError} `ts.not-running`, `ts.no-answer`, `ts.answer` */
export async function ask(address: string | undefined, request: TsRequest): Promise<TsAnswer> {
  if (address === undefined || address === '')
    throw new TsError(
      'ts.not-running',
      'METALWRIGHT_TS is not set: no task sequence runs this',
      'Start it from a step that runs a command or a script.',
    );
  return parseAnswer(await lineFrom(address, `${JSON.stringify(request)}\n`));
}

async function lineFrom(address: string, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(address).setEncoding('utf8');
    const fail = (code: string, message: string): void => {
      socket.destroy();
      reject(new TsError(code, message, 'The step that this belongs to has ended, or is ending.'));
    };
    socket.setTimeout(TIMEOUT_MS, () => fail('ts.no-answer', 'The agent does not answer'));
    socket.on('error', ({ message }) =>
      fail('ts.not-running', `No task sequence listens at ${address}: ${message}`),
    );
    socket.on('end', () => fail('ts.no-answer', 'The agent ended before it answered'));
    socket.on('data', (piece) => {
      text += piece.toString();
      if (!text.endsWith('\n')) return;
      socket.destroy();
      resolve(text);
    });
    socket.write(request);
  });
}
