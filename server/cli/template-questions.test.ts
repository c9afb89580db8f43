import { expect, it } from 'vitest';
import { install } from '../templates/install.ts';
import { CliError } from './cli-error.ts';
import type { Dialogue } from './dialogue.ts';
import type { Offers } from './template-content.ts';
import { askQuestions } from './template-questions.ts';

/** Somebody who types these lines. */
function typing(lines: readonly string[]) {
  const left = [...lines];
  let seen = '';
  const dialogue: Dialogue = {
    say: (text) => {
      seen += text;
    },
    async ask(question) {
      seen += question;
      const line = left.shift();
      if (line === undefined) throw new CliError('cli.stopped', 'stopped');
      return line;
    },
    [Symbol.dispose]() {},
  };
  return { dialogue, left, seen: () => seen };
}
const offers: Offers = {
  list: ({ answer }) => (answer === 'image' ? '  Debian 12  (MW100001)\n' : ''),
  choose({ answer }, text) {
    if (answer !== 'image') return undefined;
    return text === 'MW100001' ? { value: 'Debian 12' } : { problem: 'there is no such image' };
  },
};
const given = { name: 'D', description: 'D', platform: 'linux', index: 1, partition: 'uefi' };

it('M13 shows what the server has, and asks again for what it has not', async () => {
  const { dialogue, seen } = typing(['Debain', 'MW100001', '']);
  const answers = await askQuestions(dialogue, install, { given, offers });
  expect(answers).toEqual({ ...given, image: 'Debian 12' });
  expect(seen()).toContain('  Debian 12  (MW100001)\nImage package: ');
  expect(seen()).toContain('  there is no such image\n');
});

it('M13 takes a list line by line, and refuses a line alone', async () => {
  const { dialogue, left, seen } = typing(['?', 'ls', 'x'.repeat(32_001), 'df -h', '']);
  const answers = await askQuestions(dialogue, install, {
    given: { ...given, image: 'Debian 12' },
    offers: undefined,
  });
  expect(answers['commands']).toEqual(['ls', 'df -h']);
  expect(left).toEqual([]);
  expect(seen()).toContain('Command lines to run in the installed system');
  expect(seen()).toContain('has more than 32000 characters');
});
