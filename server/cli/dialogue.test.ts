import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { openDialogue } from './dialogue.ts';

function terminal() {
  const input = new PassThrough();
  const output = new PassThrough();
  const stop = new AbortController();
  const seen = () => String(output.read() ?? '');
  return { input, seen, stop, dialogue: openDialogue({ input, output }, stop.signal) };
}
const stopped = expect.objectContaining({ code: 'cli.stopped' });

it('asks, and answers with the line that is typed', async () => {
  const { input, seen, dialogue } = terminal();
  dialogue.say('Hello\n');
  const answer = dialogue.ask('Name: ');
  input.write('Anna\n');
  expect(await answer).toBe('Anna');
  expect(seen()).toContain('Hello\n');
  dialogue[Symbol.dispose]();
});

it('takes lines that came early for the questions that follow', async () => {
  const { input, dialogue } = terminal();
  input.write('one\ntwo\r\n\nfour\n');
  const answers: string[] = [];
  for (let left = 4; left > 0; left -= 1) answers.push(await dialogue.ask(': '));
  expect(answers).toEqual(['one', 'two', '', 'four']);
  dialogue[Symbol.dispose]();
});

it.each([
  ['Ctrl-C', (input: PassThrough) => input.write('half\u0003')],
  ['Ctrl-D', (input: PassThrough) => input.write('\u0004')],
  ['the end of the input', (input: PassThrough) => input.end()],
])('ends at %s, and asks no more', async (_name, type) => {
  const { input, dialogue } = terminal();
  const answer = dialogue.ask('Name: ');
  type(input);
  await expect(answer).rejects.toEqual(stopped);
  await expect(dialogue.ask('Again: ')).rejects.toEqual(stopped);
});

it('ends when the command is stopped', async () => {
  const { stop, dialogue } = terminal();
  const answer = dialogue.ask('Name: ');
  stop.abort();
  await expect(answer).rejects.toEqual(stopped);
  await expect(dialogue.ask('Again: ')).rejects.toEqual(stopped);
});
