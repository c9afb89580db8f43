import { describe, expect, it } from 'vitest';
import { readByHand } from './options.ts';

const files: Readonly<Record<string, string>> = {
  'answers.txt':
    '\ufeff# of the bench\r\nOSDCaptureDestination=server:Gold = new\r\n\r\nOSDImageVersion=1\r\n',
  'bad.txt': 'no answer\n',
};
const read = async (...argv: string[]) => readByHand(argv, async (path) => files[path]);

describe('M44 what is said to the agent by hand', () => {
  it('takes server and answers, and what is said on the command line before what is in a file', async () => {
    const words =
      '--server 10.0.0.1:7443 --site-ca ca.pem --deployment D1 --set osdimageversion=2 --answers answers.txt --set OSDImageDescription=';
    const { answers, ...rest } = await read(...words.split(' '), '--prestart', 'sh "ask me.sh"');
    expect(rest).toEqual({
      server: '10.0.0.1:7443',
      siteCaFile: 'ca.pem',
      deployment: 'D1',
      prestart: 'sh "ask me.sh"',
    });
    expect([...answers]).toEqual([
      ['OSDCaptureDestination', 'server:Gold = new'],
      ['osdimageversion', '2'],
      ['OSDImageDescription', ''],
    ]);
  });

  it.each([
    [['--frobnicate'], 'agent.usage'],
    [['--server'], 'agent.usage'],
    [['something'], 'agent.usage'],
    [['--set', 'x'], 'agent.answers'],
    [['--set', '=x'], 'agent.answers'],
    [['--set', '_Own=x'], 'agent.answers'],
    [['--set', `A=${'x'.repeat(4001)}`], 'agent.answers'],
    [['--answers', 'missing.txt'], 'agent.answers'],
    [['--answers', 'bad.txt'], 'agent.answers'],
  ])('refuses %j', async (argv, code) => {
    await expect(read(...argv)).rejects.toMatchObject({ code });
  });
});
