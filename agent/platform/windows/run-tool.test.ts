import { describe, expect, it } from 'vitest';
import { windowsTools } from './run-tool.ts';

const { signal } = new AbortController();
const run = windowsTools(850, undefined);
/** A tool that is this Node: its argv is like that of any other. */
const node = (script: string): [string, ...string[]] => [process.execPath, '-e', script];

describe('M53 tools of Windows', () => {
  it('gives what a tool printed in the code page of consoles, and what its end means', async () => {
    const ended = await run(
      { argv: node("process.stdout.write(Buffer.from([0x81, 0x0a])); process.stderr.write('e')") },
      signal,
    );
    expect(ended).toMatchObject({ code: 0, stdout: 'ü\n', exit: { outcome: 'done' } });
    expect(ended.output).toContain('e');
  });

  it('gives a tool its standard input, and tells its output as it comes', async () => {
    const pieces: string[] = [];
    const ended = await run(
      {
        argv: node('process.stdin.pipe(process.stdout)'),
        input: 'select disk 0\r\n',
        onOutput: (text) => void pieces.push(text),
      },
      signal,
    );
    expect(ended.stdout).toBe('select disk 0\r\n');
    expect(pieces.join('')).toBe(ended.stdout);
  });

  it('a failure has the code, what it means and what was printed last', async () => {
    const command = { argv: node("console.log('No.'); process.exitCode = 5"), title: 'the tool' };
    await expect(run(command, signal)).rejects.toMatchObject({
      code: 'tool.failed',
      exitCode: 5,
      message: expect.stringMatching(/^the tool ended with exit code 5 .*: No\.$/),
    });
    await expect(run({ ...command, allowed: [5] }, signal)).resolves.toMatchObject({ code: 5 });
    await expect(run({ ...command, allowed: [6] }, signal)).rejects.toThrow('exit code 5');
    await expect(run({ ...command, allowed: 'any' }, signal)).resolves.toMatchObject({ code: 5 });
  });

  it('a tool that hangs is ended at its time-out', async () => {
    const command = { argv: node('setInterval(() => {}, 1000)'), timeoutMs: 300 };
    await expect(run(command, signal)).rejects.toMatchObject({
      code: 'tool.timeout',
      exitCode: 0x800705b4,
    });
  });

  it('a cancelled one is ended, and its cancellation thrown', async () => {
    const abort = new AbortController();
    const running = run({ argv: node('setInterval(() => {}, 1000)') }, abort.signal);
    setTimeout(() => abort.abort(), 100);
    await expect(running).rejects.toThrow('aborted');
  });

  it('one that is not there has a code of its own', async () => {
    await expect(run({ argv: ['no-such-tool.exe'] }, signal)).rejects.toMatchObject({
      code: 'process.not-found',
      exitCode: 0x80070002,
    });
  });

  it('a table that is cut is no table: more output than is kept is an error', async () => {
    const command = { argv: node("process.stdout.write('x'.repeat(5 * 1024 * 1024))") };
    await expect(run(command, signal)).rejects.toMatchObject({ code: 'tool.output-size' });
  });
});
