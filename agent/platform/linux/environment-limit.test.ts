import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { environmentBytes, fitEnvironment } from './environment-limit.ts';
import { runCommand } from './process.ts';

const { signal } = new AbortController();
const KIB = 1024;

describe('M11 variables that fit into an environment', () => {
  it('leaves out the biggest first, and tells which', () => {
    const environment = {
      small: 'a',
      big: 'b'.repeat(60 * KIB),
      bigger: 'c'.repeat(100 * KIB),
      tooLong: 'd'.repeat(128 * KIB),
    };
    const fitted = fitEnvironment(environment, ['true'], 128 * KIB);
    expect(Object.keys(fitted.environment)).toEqual(['small', 'big']);
    expect(fitted.leftOut).toEqual(['bigger', 'tooLong']);
  });

  it('leaves out what is no variable to the kernel', () => {
    const environment = { '': 'x', 'a=b': 'x', 'n\0': 'x', nul: 'a\0b', _ok: 'x' };
    const { environment: kept, leftOut } = fitEnvironment(environment, [], 1024 * KIB);
    expect(kept).toEqual({ _ok: 'x' });
    expect(leftOut.length).toBe(4);
  });

  it('knows the limit that the stack sets', () => {
    const limits = (stack: string): string =>
      `Max stack size      ${stack}      unlimited    bytes`;
    expect(environmentBytes(limits('8388608'))).toBe(2048 * KIB);
    expect(environmentBytes(limits('65536'))).toBe(128 * KIB);
    expect(environmentBytes(limits('unlimited'))).toBe(6144 * KIB);
    expect(environmentBytes('')).toBe(128 * KIB);
  });

  it('lets every program start that could with less', async () => {
    const total = environmentBytes('Max stack size 8388608 unlimited bytes');
    const many = Object.fromEntries(
      Array.from({ length: 40 }, (_none, index) => [`V${index}`, 'ü'.repeat(50 * KIB)]),
    );
    const argv = ['true', 'x'.repeat(100 * KIB)] as const;
    await expect(runCommand({ argv, environment: many }, signal)).rejects.toMatchObject({
      code: 'process.start',
    });
    const { environment, leftOut } = fitEnvironment(many, argv, total);
    expect(Object.keys(environment).length).toBeGreaterThan(15);
    expect(leftOut.length).toBeGreaterThan(15);
    expect((await runCommand({ argv, environment }, signal)).code).toBe(0);
  });

  it('keeps or names each one, and never goes over', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ maxLength: 5 }), fc.string({ maxLength: 40 })),
        fc.nat(4000),
        (environment, more) => {
          const total = 32 * KIB + more;
          const { environment: kept, leftOut } = fitEnvironment(environment, [], total);
          expect([...Object.keys(kept), ...leftOut].toSorted()).toEqual(
            Object.keys(environment).toSorted(),
          );
          const bytes = Object.entries(kept).map(
            ([name, value]) => Buffer.byteLength(`${name}=${value}`) + 9,
          );
          expect(bytes.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(more);
        },
      ),
    );
  });
});
