import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findPlainSecrets, hidePlainSecrets, isSecretProperty } from './plain-secrets.ts';

const values = (text: string): string[] => findPlainSecrets(text).map(({ value }) => value);

describe('M24 secrets in plain text', () => {
  it.each([
    ['-Password "Winter 1!" -Path x', 'Winter 1!'],
    ["tool.ps1 -AdminPassword 'Winter1'", 'Winter1'],
    ['tool.exe /pass:Winter1 /quiet', 'Winter1'],
    ['cctk.exe --setuppwd=Winter1 --valsetuppwd=Autumn2', 'Winter1,Autumn2'],
    ["$AdminPassword = 'Winter1'", 'Winter1'],
    ['cmd /c set DB_PASSWORD=Winter1', 'Winter1'],
    ['{ "password": "Winter1" }', 'Winter1'],
    ["ConvertTo-SecureString -String 'Winter1' -AsPlainText -Force", 'Winter1'],
    ['net use Z: \\\\files\\share Winter1 /user:LAB\\svc', 'Winter1'],
    ['net use \\\\files\\share /user:LAB\\svc Winter1', 'Winter1'],
    ['net user helper Winter1 /add', 'Winter1'],
    ['copy https://svc:Winter1@files/x .', 'Winter1'],
    ['\\\\svc:Winter1@files\\share', 'Winter1'],
  ])('are found in %s', (text, secret) => {
    expect([...new Set(values(text))].join()).toBe(secret);
    const hidden = hidePlainSecrets(text);
    for (const value of secret.split(',')) expect(hidden).not.toContain(value);
    expect(hidden).toContain('********');
  });

  it.each([
    '-Password %AdminPassword% -Path x',
    '-Password $password',
    '-Password (Get-Secret x)',
    '-Password -Force',
    '/password:********',
    "$password = Read-Host 'Password'",
    'net use Z: \\\\files\\share /user:LAB\\svc %Password%',
    'net use Z: /delete',
    'net user helper /delete',
    'Set the password: it is asked for',
    'cctk.exe --biospasswordfile=x.bin',
    'https://files.example/a:b',
  ])('are not seen in %s', (text) => {
    expect(values(text)).toEqual([]);
    expect(hidePlainSecrets(text)).toBe(text);
  });

  it('are looked for in bounded time, whatever the text is', () => {
    const parts = fc.constantFrom(
      'net use ',
      '-password ',
      'password',
      '\\\\',
      ' ',
      'a',
      '"',
      '/user:',
      '=',
      '://',
      ':',
      '@',
    );
    const started = performance.now();
    fc.assert(
      fc.property(fc.array(parts, { minLength: 1, maxLength: 8 }), (unit) => {
        const text = unit.join('');
        findPlainSecrets(text.repeat(Math.ceil(100_000 / text.length)));
      }),
      { numRuns: 30 },
    );
    expect(performance.now() - started).toBeLessThan(15_000);
  });

  it('are told by the names of variables and properties too', () => {
    for (const name of [
      'OSDJoinPassword',
      'UserPassword',
      'OSDBitLockerPIN',
      'ProductKey',
      'LocalAdminPwd',
      'BiosPass1',
    ])
      expect(isSecretProperty(name)).toBe(true);
    for (const name of ['OSDComputerName', 'CommandLine', 'OSDPartitions', 'Shipping', 'Bypass'])
      expect(isSecretProperty(name)).toBe(false);
  });
});
