import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { environmentOf } from './environment-block.ts';

const plain = (name: string, value: string) => ({ name, value, secret: false });

describe('M11 the environment of a program', () => {
  it('has the variables but for the secrets', () => {
    const secret = { name: 'Password', value: 'hunter2', secret: true };
    expect(environmentOf([plain('User', 'admin'), secret])).toEqual({
      environment: { User: 'admin' },
      leftOut: [],
    });
  });

  it('has none whose name or value no environment could hold, and says so', () => {
    const { environment, leftOut } = environmentOf([
      plain('A=B', '1'),
      plain('A B', '1'),
      plain('', '1'),
      plain('A\0', '1'),
      plain('Nul', 'a\0b'),
      plain('With-Dash', 'two\nlines'),
      plain('__proto__', '1'),
    ]);
    expect(Object.entries(environment)).toEqual([
      ['With-Dash', 'two\nlines'],
      ['__proto__', '1'],
    ]);
    expect(leftOut.map(({ name }) => name)).toEqual(['"A=B"', '"A B"', '""', '"A\\u0000"', 'Nul']);
  });

  it('stays below what Windows holds: the longest are left out, as few as need be', () => {
    const short = Array.from({ length: 500 }, (_, index) => plain(`Short${index}`, 'x'.repeat(20)));
    const long = [4000, 3998, 3999, 1000].map((length) =>
      plain(`Long${length}`, 'y'.repeat(length)),
    );
    const { environment, leftOut } = environmentOf([...long, ...short]);
    expect(leftOut.map(({ name }) => name)).toEqual(['Long4000']);
    expect(leftOut[0]?.reason).toContain('4000 characters');
    const size = Object.entries(environment).reduce(
      (sum, [name, value]) => sum + name.length + value.length + 2,
      1,
    );
    expect(size).toBeLessThan(32_767 - 8000);
    expect(size + 4000).toBeGreaterThan(32_767 - 8191);
  });

  it('is one that a program can be started with, whatever 1,000 variables hold', () => {
    const variables = Array.from({ length: 1000 }, (_, index) =>
      plain(`V${index}${'\0='.charAt(index % 3)}`, `${index}`.repeat(index % 1000)),
    );
    const { environment } = environmentOf(variables);
    const { status } = spawnSync('/bin/true', { env: environment });
    expect([status, Object.keys(environment).length > 20]).toEqual([0, true]);
  });
});
