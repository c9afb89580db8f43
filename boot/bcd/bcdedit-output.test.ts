import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBcdedit } from './bcdedit-output.ts';
import { formatBcd } from './format-bcd.ts';
import { networkStore } from './windows-pe.ts';

const plain = (output: string) =>
  parseBcdedit(output).map(({ settings, ...section }) => ({
    ...section,
    settings: Object.fromEntries(settings),
  }));

describe('parseBcdedit', () => {
  it('reads what formatBcd prints', () => {
    const store = networkStore({ firmware: 'uefi', tftp: { blockSize: 1456, windowSize: 4 } });
    const sections = parseBcdedit(formatBcd(store).replaceAll('\n', '\r\n'));
    expect(sections.map(({ title, identifier }) => [title, identifier])).toEqual([
      ['Windows Boot Manager', '{bootmgr}'],
      ['Windows Boot Loader', '{default}'],
      ['Setup Ramdisk Options', '{ramdiskoptions}'],
    ]);
    expect(sections[2]?.settings.get('ramdisktftpwindowsize')).toEqual(['4']);
  });

  it('reads sections in other languages, whose labels may have several words', () => {
    const output = `
Gestionnaire de démarrage Windows
---------------------------------
identificateur          {bootmgr}
displayorder            {current}
                        {20000000-0000-4000-8000-000000000002}
timeout                 30

Программа начальной загрузки
----------------------------
код записи              {current}
description             Windows 11 Профессиональная
recoveryenabled         Да
`;
    expect(plain(output)).toEqual([
      {
        title: 'Gestionnaire de démarrage Windows',
        identifier: '{bootmgr}',
        settings: {
          displayorder: ['{current}', '{20000000-0000-4000-8000-000000000002}'],
          timeout: ['30'],
        },
      },
      {
        title: 'Программа начальной загрузки',
        identifier: '{current}',
        settings: { description: ['Windows 11 Профессиональная'], recoveryenabled: ['Да'] },
      },
    ]);
  });

  it('reads sections without a line of dashes, and without an empty line between them', () => {
    const output = `C:\\>bcdedit /enum {current}
Windows 启动加载器
标识符                  {current}
device                  partition=C:

Boot Manager
------------
identifier              {bootmgr}
timeout                 3
Boot Loader
-----------
identifier              {default}
nx                      OptIn`;
    expect(plain(output)).toEqual([
      {
        title: 'Windows 启动加载器',
        identifier: '{current}',
        settings: { device: ['partition=C:'] },
      },
      { title: 'Boot Manager', identifier: '{bootmgr}', settings: { timeout: ['3'] } },
      { title: 'Boot Loader', identifier: '{default}', settings: { nx: ['OptIn'] } },
    ]);
  });

  it('ends a section at the next prompt, which is no setting and no heading', () => {
    const output = `PS C:\\Windows\\system32> bcdedit /enum firmware

Firmware
--------
identifier              {fwbootmgr}
timeout                 0
PS C:\\Windows\\system32> bcdedit /enum {current}
X:\\windows\\system32>bcdedit /delete {current}`;
    expect(plain(output)).toEqual([
      { title: 'Firmware', identifier: '{fwbootmgr}', settings: { timeout: ['0'] } },
    ]);
  });

  it.each([
    '',
    'The boot configuration data store could not be opened.\nAccess is denied.\n',
    'identifier              {bootmgr}\n',
    '-----\n-----\n',
  ])('finds no section in %j', (output) => {
    expect(parseBcdedit(output)).toEqual([]);
  });

  it('reads a setting without a value, and one that the output was cut in', () => {
    const output =
      'A\n-----\nidentifier              {x}\ndescription\npath                    \\Win';
    expect(plain(output)).toEqual([
      { title: 'A', identifier: '{x}', settings: { description: [], path: ['\\Win'] } },
    ]);
  });

  it('takes any text', () => {
    const piece = fc.constantFrom('\n', '\r\n', '---', ' ', '{a}', 'name', '                ');
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string())), (pieces) => {
        expect(Array.isArray(parseBcdedit(pieces.join('')))).toBe(true);
      }),
    );
  });

  it('takes a long line of spaces or words in time', () => {
    const words = [
      `a${' '.repeat(200_000)}`,
      'a '.repeat(100_000),
      '-'.repeat(200_000),
      '{'.repeat(200_000),
      '{a'.repeat(100_000),
    ];
    for (const line of words) expect(parseBcdedit(`x\n${line}\n${line}b`)).toEqual([]);
  });
});
