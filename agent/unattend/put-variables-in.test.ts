import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Variables } from '#agent/sequence/variables.ts';
import { formatUnattend } from './format-unattend.ts';
import { hiddenPassword, type PasswordHolder, readHiddenPassword } from './hidden-password.ts';
import { parseUnattend } from './parse-unattend.ts';
import { putVariablesIn } from './put-variables-in.ts';
import { secretsOf } from './secrets-of.ts';
import { fileText, settingsText } from './testing/inputs.ts';

const variables = Variables.none.setAll([
  { name: 'Site', value: 'A & %OSDComputerName%', secret: false },
  { name: 'OSDComputerName', value: 'PC-1', secret: false },
  { name: 'AdminPassword', value: 'p<w', secret: true },
]);

function put(elements: string, architecture = 'amd64') {
  const text = fileText(settingsText('oobeSystem', 'X', elements, architecture));
  const result = putVariablesIn(parseUnattend(text), variables, 'amd64');
  const [, inner = ''] =
    /<component[^>]*>([\s\S]*)<\/component>/.exec(formatUnattend(result.unattend)) ?? [];
  return { ...result, text: inner.replaceAll(/\n */g, '') };
}

describe('M53 putVariablesIn', () => {
  it('puts each variable in once, in any case of its name', () => {
    const { text, notes } = put(
      '<A>%site% and %OSDCOMPUTERNAME%</A><B><C>100% %OSDComputerName%</C></B>',
    );
    expect(text).toBe('<A>A &amp; %OSDComputerName% and PC-1</A><B><C>100% PC-1</C></B>');
    expect(notes).toEqual([]);
  });

  it('tells what it did not put in, and leaves names of Windows', () => {
    const { text, notes } = put('<A>%None%|%SystemDrive%\\x</A><Order>%Site%</Order>');
    expect(text).toBe('<A>|%SystemDrive%\\x</A><Order>%Site%</Order>');
    expect(notes).toEqual([
      { kind: 'unknown', place: 'oobeSystem/X/A', name: 'None' },
      { kind: 'system', place: 'oobeSystem/X/A', name: 'SystemDrive' },
      { kind: 'numeric', place: 'oobeSystem/X/Order', name: 'Site' },
    ]);
  });

  it('tells which text is secret, and where', () => {
    const { secrets, secretPlaces } = put('<A><Value>%AdminPassword%</Value></A><B>%Site%</B>');
    expect(secrets).toEqual(['p<w', 'p&lt;w']);
    expect(secretPlaces).toEqual(['oobeSystem/X/A/Value']);
  });

  it('M43 puts nothing into settings for another architecture', () => {
    const { text, secrets, notes } = put('<A>%AdminPassword%%None%</A>', 'x86');
    expect([text, secrets, notes]).toEqual(['<A>%AdminPassword%%None%</A>', [], []]);
  });
});

describe('M53 secretsOf', () => {
  it('finds passwords, keys and blobs, plain and hidden, and nothing else', () => {
    const hidden = hiddenPassword('geheim', 'AdministratorPassword');
    const text = fileText(
      settingsText(
        'oobeSystem',
        'X',
        `<ComputerName>pc</ComputerName><AdministratorPassword><Value>${hidden}</Value><PlainText>false</PlainText></AdministratorPassword>` +
          '<AutoLogon><Username>u</Username><Password><Value>a&amp;b</Value><PlainText>true</PlainText></Password></AutoLogon>' +
          '<Credentials><Domain>d</Domain><Password>one</Password></Credentials><AccountData>blob</AccountData>' +
          '<UserData><ProductKey><Key>key</Key><WillShowUI>Never</WillShowUI></ProductKey></UserData>',
      ),
    );
    expect(secretsOf(parseUnattend(text))).toEqual([
      hidden,
      'geheim',
      'a&b',
      'a&amp;b',
      'one',
      'blob',
      'key',
    ]);
  });
});

it('M53 a hidden password is read again as it was', () => {
  const holders = fc.constantFrom<PasswordHolder>('AdministratorPassword', 'Password');
  fc.assert(
    fc.property(fc.string(), holders, (password, holder) => {
      expect(readHiddenPassword(hiddenPassword(password, holder), holder)).toBe(password);
    }),
  );
  expect(readHiddenPassword('no base64!', 'Password')).toBeUndefined();
  expect(
    readHiddenPassword(hiddenPassword('x', 'Password').slice(4), 'AdministratorPassword'),
  ).toBeUndefined();
});
