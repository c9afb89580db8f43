import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HIDDEN, maskSecrets, secretTexts } from './mask-secrets.ts';
import { hideSecrets, Variables } from './variables.ts';

const mask = (text: string, ...values: string[]) => maskSecrets(text, secretTexts(values));

describe('M11 secrets in texts', () => {
  it.each([
    ['the longer of two that begin alike', 'a hunter2-long b', ['hunter2', 'hunter2-long']],
    ['two that overlap, with nothing left of either', 'a onetwothree b', ['onetwo', 'twothree']],
    ['two that touch', 'a hunter2swordfish b', ['hunter2', 'swordfish']],
    ['one that overlaps itself', 'a aXaXaXa b', ['aXa']],
    ['one that is like what is put in its place', `a *** b`, ['***']],
  ])('are hidden: %s', (_name, text, secrets) => {
    expect(mask(text, ...secrets)).toBe(`a ${HIDDEN} b`);
  });

  it('of several lines are hidden line by line too', () => {
    const key = '-----BEGIN KEY-----\nMIIEvQIBADANBg\nab\n-----END KEY-----\n';
    expect(mask('read MIIEvQIBADANBg, ab', key)).toBe(`read ${HIDDEN}, ab`);
    expect(mask(`all: ${key}.`, key)).toBe(`all: ${HIDDEN}.`);
  });

  it.each([
    ['login -p 7 --port 7000', '7', `login -p ${HIDDEN} --port 7000`],
    ['user:ab, about', 'ab', `user:${HIDDEN}, about`],
    ['a b c', ' ', 'a b c'],
    ['é é1', 'é', `${HIDDEN} é1`],
    ['abc', 'b', 'abc'],
    ['xabcx', 'abc', `x${HIDDEN}x`],
  ])('of one or two characters are hidden where they stand alone: %j', (text, secret, expected) => {
    expect(mask(text, secret)).toBe(expected);
  });

  it('are gone from any text, but for short ones', () => {
    const secret = fc.string({ minLength: 3, maxLength: 6, unit: fc.constantFrom('a', 'b', 'c') });
    const text = fc.string({ maxLength: 60, unit: fc.constantFrom('a', 'b', 'c', '-') });
    fc.assert(
      fc.property(fc.array(secret, { maxLength: 6 }), text, (secrets, text) => {
        const masked = mask(text, ...secrets);
        for (const each of secrets) expect(masked).not.toContain(each);
        // What is left was there before, in its order, and is no part of a secret.
        const parts = masked.split(HIDDEN);
        let at = 0;
        for (const part of parts) {
          expect(text.indexOf(part, at)).toBeGreaterThanOrEqual(at);
          at = text.indexOf(part, at) + part.length;
        }
        if (secrets.every((each) => !text.includes(each))) expect(masked).toBe(text);
      }),
    );
  });

  it('take no long time: 1,000 variables, 100 secrets, a log of a megabyte', () => {
    const variables = Variables.none.setAll(
      Array.from({ length: 1000 }, (_, index) => ({
        name: `V${index}`,
        value: `value-${index}-of-variable`,
        secret: index % 10 === 0,
      })),
    );
    const line = 'The command printed value-501-of-variable and value-990-of-variable. ';
    const log = line.repeat(Math.ceil(1_000_000 / line.length));
    const before = performance.now();
    const hidden = hideSecrets(log, variables);
    for (let count = 0; count < 2000; count++) hideSecrets(line, variables);
    expect(performance.now() - before).toBeLessThan(2000);
    expect(hidden.includes('value-501-of-variable')).toBe(true);
    expect(hidden.includes('value-990-of-variable')).toBe(false);
  });

  it('take no long time where text and secrets are made to be slow', () => {
    const secrets = Array.from({ length: 50 }, (_, index) => `${'a'.repeat(3900)}${index}`);
    const before = performance.now();
    expect(mask('a'.repeat(200_000), ...secrets).length).toBe(200_000);
    expect(mask('a'.repeat(200_000), 'aaa').length).toBe(HIDDEN.length);
    expect(performance.now() - before).toBeLessThan(2000);
  });
});
