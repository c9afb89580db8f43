import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SerialOutput } from './serial-output.ts';

// A FIFO that nobody reads stands for the line: a full pipe answers EAGAIN as a stuck line does.
let folder: string;
let fifo: string;
let reader: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'metalwright-serial-'));
  fifo = join(folder, 'line');
  execFileSync('mkfifo', [fifo]);
  reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
});
afterEach(() => {
  closeSync(reader);
  rmSync(folder, { recursive: true });
});

function readAll(): string {
  const parts: Buffer[] = [];
  for (;;) {
    const buffer = Buffer.alloc(64 * 1024);
    try {
      const length = readSync(reader, buffer);
      if (length === 0) break;
      parts.push(buffer.subarray(0, length));
    } catch {
      break;
    }
  }
  return Buffer.concat(parts).toString();
}

describe('a serial line', () => {
  it('gets what is written, in order', () => {
    const output = new SerialOutput(fifo);
    output.write('one ');
    output.write('two');
    expect(readAll()).toBe('one two');
    output.close();
  });

  it('does not hold up who writes when it takes nothing, and goes on with the newest', () => {
    const output = new SerialOutput(fifo);
    for (let line = 0; line < 10_000; line += 1) output.write(`line ${line} ${'-'.repeat(40)}\r\n`);
    expect(readAll()).toContain('line 0 ');
    output.write('the end');
    const late = readAll();
    expect(late).toContain('line 9999 ');
    expect(late.endsWith('the end')).toBe(true);
    output.close();
  });
});
