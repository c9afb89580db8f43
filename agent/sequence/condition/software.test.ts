import { describe, expect, it } from 'vitest';
import type { InstalledProduct } from '../query-capability.ts';
import { ask, type Facts } from './testing/machine-of.ts';

describe('M03 an installed-software expression', () => {
  const product: InstalledProduct = {
    productCode: '{00000000-0000-0000-0000-00000000000A}',
    upgradeCode: '{00000000-0000-0000-0000-00000000000B}',
    name: 'Tool',
    version: '1.2',
  };
  const facts: Facts = { software: [{ ...product, upgradeCode: null }, product] };
  const [productCode, upgradeCode] = [
    '00000000-0000-0000-0000-00000000000a',
    '{00000000-0000-0000-0000-00000000000b}',
  ];
  it.each<[object, boolean]>([
    [{ match: 'this-version', productCode }, true],
    [{ match: 'this-version', productCode: upgradeCode, upgradeCode: productCode }, false],
    [{ match: 'any-version', upgradeCode }, true],
    [{ match: 'any-version', productCode, upgradeCode: `{${productCode}}` }, false],
  ])('%j: %j', async (fields, expected) => {
    expect((await ask({ kind: 'software', ...fields }, facts)).verdict).toBe(expected);
  });
  it('is false without Windows Installer', async () => {
    const condition = { kind: 'software', match: 'this-version', productCode, productName: 'Tool' };
    expect(await ask(condition, {})).toMatchObject({
      verdict: false,
      detail: expect.stringContaining('no Windows Installer'),
    });
  });
});
