import { describe, expect, it } from 'vitest';
import type { SystemFacts } from '../query-capability.ts';
import { ask } from './testing/machine-of.ts';

describe('M03 an operating-system expression', () => {
  it.each<[readonly object[], Partial<SystemFacts>, boolean]>([
    [[{ minVersion: '10.0' }], {}, true],
    [[{ minVersion: '10.0.22000' }], {}, false],
    [[{ minVersion: '6.1', maxVersion: '6.3' }, { minVersion: '10.0' }], {}, true],
    [[{ maxVersion: '10.0' }], {}, true],
    [[{ minVersion: '10.0', maxVersion: '10.0.19044' }], {}, false],
    [[{ minVersion: '6.10.0000.0', maxVersion: '6.10.9999.9999' }], {}, false],
    [[{ architecture: 'arm64' }], {}, false],
    [[{ architecture: 'x64', productType: 'server' }], {}, false],
    [[{ architecture: 'x64', productType: 'client' }], {}, true],
    [[{ minVersion: '10.0' }], { family: 'linux', version: '12' }, false],
    [[{ family: 'linux', minVersion: '12' }], { family: 'linux', version: '12.5' }, true],
    [[{ family: 'linux', maxVersion: '12' }], { family: 'linux', version: '12.5' }, true],
    [[{ family: 'linux' }], { family: 'linux', version: '' }, true],
    [[{ family: 'linux', minVersion: '1' }], { family: 'linux', version: 'rolling' }, false],
  ])('%j on %j: %j', async (platforms, system, expected) => {
    expect((await ask({ kind: 'os-version', platforms }, { system })).verdict).toBe(expected);
  });

  it.each<[number | string, number | null, boolean]>([
    [1033, 1033, true],
    ['en-US', 1033, true],
    ['de-de', 1033, false],
    ['de-DE', 1031, true],
    [1033, null, false],
  ])('language %j on %j: %j', async (language, found, expected) => {
    const condition = { kind: 'os-language', language };
    expect((await ask(condition, { system: { language: found } })).verdict).toBe(expected);
  });

  it('tells what the machine has', async () => {
    const platforms = [
      { name: 'All Windows 11', minVersion: '10.0.22000' },
      { productType: 'server' },
    ];
    expect((await ask({ kind: 'os-version', platforms })).detail).toBe(
      'operating system is "All Windows 11" or windows server: false (is windows 10.0.19045 client x64)',
    );
    expect((await ask({ kind: 'os-language', language: 'de-DE' })).detail).toBe(
      'operating system language is de-DE: false (is 1033 (en-US))',
    );
  });
});
