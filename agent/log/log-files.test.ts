import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LogFiles } from './log-files.ts';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'metalwright-log-files-'));
});
afterEach(async () => rm(root, { recursive: true }));
const open = (options: { append?: boolean; maxBytes?: number } = {}) =>
  new LogFiles(join(root, 'x', 'smsts.log'), { append: false, maxBytes: 20, ...options });
const textOf = async (...path: string[]) => readFile(join(root, ...path), 'utf8');
const sliceOf = (files: LogFiles, offset: number) => {
  const { offset: at, bytes } = files.read(offset, 1000);
  return { at, text: Buffer.from(bytes).toString() };
};

describe('the log on the disk', () => {
  it('is rolled when it is full, the last three are kept', async () => {
    const files = open();
    for (let line = 0; line < 12; line += 1) files.write(`line ${line} ....\n`);
    expect((await readdir(join(root, 'x'))).sort()).toEqual([
      'smsts-0009.log',
      'smsts-0010.log',
      'smsts-0011.log',
      'smsts.log',
    ]);
    expect(await textOf('x', 'smsts.log')).toBe('line 11 ....\n');
  });

  it('gives a reader all from where it is, and passes over what is gone', () => {
    const files = open();
    for (let line = 0; line < 3; line += 1) files.write(`line ${line} .....\n`);
    expect(sliceOf(files, 5)).toEqual({ at: 5, text: '0 .....\n' });
    expect(sliceOf(files, 13)).toEqual({ at: 13, text: 'line 1 .....\n' });
    expect(sliceOf(files, 39)).toEqual({ at: 39, text: '' });
    for (let line = 3; line < 9; line += 1) files.write(`line ${line} .....\n`);
    expect(sliceOf(files, 0)).toEqual({ at: 65, text: 'line 5 .....\n' });
  });

  it('begins anew, or goes on where an earlier start ended, whose lines are not read again', async () => {
    open().write('first\n');
    const second = open({ append: true });
    second.write('second\n');
    expect(await textOf('x', 'smsts.log')).toBe('first\nsecond\n');
    expect(sliceOf(second, 0)).toEqual({ at: 0, text: 'second\n' });
    open().write('third\n');
    expect(await textOf('x', 'smsts.log')).toBe('third\n');
  });

  it('has a copy in a second folder from then on, behind what lies there', async () => {
    const files = open({ maxBytes: 16 });
    files.write('one.......\n');
    files.write('two.......\n');
    files.copyTo(join(root, 'y'));
    expect(files.folder).toBe(join(root, 'y'));
    files.write('3\n');
    expect(await textOf('y', 'smsts-0001.log')).toBe('one.......\n');
    expect(await textOf('y', 'smsts.log')).toBe('two.......\n3\n');
    files.write('four......\n');
    expect(await textOf('y', 'smsts.log')).toBe('four......\n');
    expect(await textOf('y', 'smsts-0002.log')).toBe('two.......\n3\n');
    // The next start of the agent.
    const next = open({ maxBytes: 1000 });
    next.write('five\n');
    next.copyTo(join(root, 'y'));
    expect(await textOf('y', 'smsts.log')).toBe('four......\nfive\n');
  });

  it('gives a copy up that cannot be written any more, and goes on', async () => {
    const files = open({ maxBytes: 1000 });
    files.copyTo(join(root, 'y'));
    await rm(join(root, 'y'), { recursive: true });
    files.write('one\n');
    expect(files.copied).toBe(false);
    expect(files.folder).toBe(join(root, 'x'));
    files.copyTo(join(root, 'y'));
    files.write('two\n');
    expect(await textOf('y', 'smsts.log')).toBe('one\ntwo\n');
  });

  it('is exported as it is now; a folder that takes nothing is an error', async () => {
    const files = open();
    files.write('one ...............\n');
    files.write('two\n');
    expect(files.export(join(root, 'usb', 'SN-1'))).toEqual(['smsts-0001.log', 'smsts.log']);
    expect(await textOf('usb', 'SN-1', 'smsts.log')).toBe('two\n');
    await writeFile(join(root, 'file'), '');
    expect(() => files.export(join(root, 'file', 'x'))).toThrow('ENOTDIR');
  });
});
