import { describe, expect, it } from 'vitest';
import { signFile, splitCommand } from './sign.ts';

const { signal } = new AbortController();

describe('--sign', () => {
  it.each([
    ['tool sign -n name', ['tool', 'sign', '-n', 'name']],
    [' tool  "two words" \'a "b"\' ', ['tool', 'two words', 'a "b"']],
    ['tool -d="a b" "" C:\\x', ['tool', '-d=a b', '', 'C:\\x']],
    ['tool $HOME;rm', ['tool', '$HOME;rm']],
    [' ', []],
  ])('takes %j apart', (command, words) => {
    expect(splitCommand(command)).toEqual(words);
  });

  it('refuses an open quotation mark and an empty command', async () => {
    expect(() => splitCommand('tool "open')).toThrow('a " is not closed');
    await expect(signFile('/x', '', signal)).rejects.toThrow('the command is empty');
  });

  it('says how the tool ended, and none of its words', async () => {
    const failing = signFile('/x.exe', "sh -c 'echo no key >&2; exit 3' secret-word", signal);
    const message = await failing.catch(String);
    expect(message).toBe('Error: --sign: sh ended with 3: no key');
    await expect(signFile('/x', 'no-such-tool', signal)).rejects.toThrow('ended with ENOENT');
  });
});
