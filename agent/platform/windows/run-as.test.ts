import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { accountParts, commandLineOf, runAsOther } from './run-as.ts';
import { type RunAsAnswer, RunAsCall } from './run-as-call.ts';

const { signal } = new AbortController();

async function run(answer: RunAsAnswer | undefined, options: { readonly timedOut?: boolean } = {}) {
  const calls: RunAsCall[] = [];
  const argvs: (readonly string[])[] = [];
  const path = await mkdtemp(join(tmpdir(), 'metalwright-run-as-'));
  const result = runAsOther(
    {
      argv: ['C:\\t\\x.exe', 'a b'],
      verbatim: false,
      account: { user: 'CORP\\worker', password: 's3cret' },
      cwd: 'C:\\t',
      environment: { A: '1' },
      timeoutMs: 1000,
    },
    {
      agent: ['agent.exe'],
      scratch: async () => ({
        path,
        file: (name) => join(path, name),
        [Symbol.asyncDispose]: async () => rm(path, { recursive: true }),
      }),
      run: async ({ argv, input }) => {
        argvs.push(argv);
        const call = RunAsCall.parse(JSON.parse(String(input)));
        calls.push(call);
        if (answer) await writeFile(call.answerFile, JSON.stringify(answer));
        const output = Buffer.from('out');
        return { code: 7, stdout: output, output, cut: false, timedOut: options.timedOut ?? false };
      },
    },
    signal,
  );
  return { result: await result.catch((error: unknown) => error), calls, argvs };
}

describe('M25 a command as another account in Windows', () => {
  it('is run by a second agent, its password in no argv; its exit code is the command’s', async () => {
    const { result, calls, argvs } = await run({ kind: 'started' });
    expect(result).toMatchObject({ code: 7, timedOut: false });
    expect(argvs).toEqual([['agent.exe', 'windows-run-as']]);
    expect(calls[0]).toMatchObject({
      user: 'worker',
      domain: 'CORP',
      password: 's3cret',
      commandLine: '"C:\\t\\x.exe" "a b"',
      cwd: 'C:\\t',
      environment: { A: '1' },
    });
  });

  it.each([
    [
      { kind: 'refused', what: 'logon', code: 1326 },
      /log on as CORP\\worker: error 1326/,
      0x8007052e,
    ],
    [{ kind: 'refused', what: 'start', code: 2 }, /start the program .*: error 2/, 0x80070002],
    [undefined, /could not be asked/, 0x80004005],
  ] as const)('%j is refused with a code', async (answer, message, exitCode) => {
    const { result } = await run(answer);
    expect(result).toMatchObject({
      code: 'command.run-as',
      exitCode,
      message: expect.stringMatching(message),
    });
    expect(String(result)).not.toContain('s3cret');
  });

  it('one that took too long was started, whatever was told', async () => {
    expect((await run(undefined, { timedOut: true })).result).toMatchObject({ timedOut: true });
  });

  it('reads accounts as people write them', () => {
    expect(accountParts('worker')).toEqual({ user: 'worker', domain: '.' });
    expect(accountParts('worker@corp.example')).toEqual({
      user: 'worker@corp.example',
      domain: null,
    });
  });

  it('writes a command line that programs read back word by word', () => {
    const argv = ['C:\\p q\\x.exe', 'a', '', 'b c\\', 'say "hi"', 'd\\"e', 'f\\g'] as const;
    expect(commandLineOf({ argv: [...argv], verbatim: false })).toBe(
      '"C:\\p q\\x.exe" a "" "b c\\\\" "say \\"hi\\"" "d\\\\\\"e" f\\g',
    );
    expect(commandLineOf({ argv: ['c.exe', '/c "x y"'], verbatim: true })).toBe('"c.exe" /c "x y"');
  });
});
