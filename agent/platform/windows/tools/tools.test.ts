import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyCharacter } from '../../../sequence/testing/any-character.ts';
import { parseBcdbootProblem } from './bcdboot.ts';
import { parseBcdedit, parseCreatedEntry } from './bcdedit.ts';
import { toolExit } from './exit-codes.ts';
import { parseIpconfig } from './ipconfig.ts';
import { isProtected, parseBitLockerStatus } from './manage-bde.ts';
import { netUseError } from './net-use.ts';
import { parseWmic } from './wmic.ts';

const GUID = '{0A1B2C3D-1111-2222-3333-444455556666}';

describe('M53 bcdedit in other languages', () => {
  it('reads objects, with values in several lines', () => {
    const output = `
Windows-Start-Manager
---------------------
Bezeichner              {bootmgr}
device                  partition=S:
displayorder            {default}
                        ${GUID}
allowedinmemorysettings 0x15000075

Windowsstartladeprogramm
------------------------
Bezeichner              ${GUID}
description             Windows  11
`;
    const [manager, loader] = parseBcdedit(output);
    expect(manager).toMatchObject({ title: 'Windows-Start-Manager', identifier: '{bootmgr}' });
    expect(manager?.elements.get('displayorder')).toEqual(['{default}', GUID]);
    expect(manager?.elements.get('allowedinmemorysettings')).toEqual(['0x15000075']);
    expect(loader?.identifier).toBe(GUID.toLowerCase());
    expect(loader?.elements.get('description')).toEqual(['Windows  11']);
  });

  it('reads the identifier of a new entry', () => {
    expect(parseCreatedEntry(`Der Eintrag ${GUID} wurde erstellt.\r\n`)).toBe(GUID.toLowerCase());
    expect(parseCreatedEntry('nichts')).toBeNull();
  });

  it('refuses an object without an identifier', () => {
    expect(() => parseBcdedit('Titel\n-----\nfoo bar\n')).toThrow(
      expect.objectContaining({ code: 'bcdedit.output' }),
    );
  });
});

describe('M53 manage-bde in other languages', () => {
  it('reads volumes of a French and a German Windows, locked ones too', () => {
    const output = `
Volumes de disque pouvant être protégés :
Volume C: [Système]
[Volume du système d’exploitation]

    Taille :                     475,30 Go
    Version de BitLocker :       2.0
    État de la conversion :      Chiffrement en cours
    Pourcentage chiffré :        12,5%
    Méthode de chiffrement :     XTS-AES 256
    État de la protection :      Protection désactivée
    État du verrouillage :       Déverrouillé
    Champ d’identification :     Inconnu
    Protecteurs de clé :
        Mot de passe numérique
        TPM

Volume "D:" [Daten]
[Datenvolume]

    Größe:                       Unbekannt GB
    BitLocker-Version:           2.0
    Konvertierungsstatus:        Unbekannt
    Verschlüsselt (Prozent):     Unbekannt %
    Verschlüsselungsmethode:     Unbekannt
    Schutzstatus:                Unbekannt
    Sperrungsstatus:             Gesperrt
    ID-Feld:                     Unbekannt
    Automatische Entsperrung:    Deaktiviert
    Schlüsselschutzvorrichtungen: Keine gefunden
`;
    expect(parseBitLockerStatus(output)).toMatchObject([
      {
        letter: 'C',
        percentEncrypted: 12.5,
        method: 'xts-aes 256',
        conversion: 'Chiffrement en cours',
        protection: 'Protection désactivée',
        lock: 'Déverrouillé',
        keyProtectors: ['Mot de passe numérique', 'TPM'],
      },
      {
        letter: 'D',
        size: null,
        percentEncrypted: null,
        method: null,
        lock: 'Gesperrt',
        keyProtectors: [],
      },
    ]);
    expect([isProtected(0), isProtected(1), isProtected(-1)]).toEqual([true, false, false]);
  });

  it('refuses what has no percentage', () => {
    expect(() => parseBitLockerStatus('ERROR: no volume')).toThrow(
      expect.objectContaining({ code: 'manage-bde.output' }),
    );
  });
});

describe('M53 other tools', () => {
  it('reads the adapters of a German ipconfig', () => {
    const output = `
Windows-IP-Konfiguration

   Hostname  . . . . . . . . . . . . : PC7

Ethernet-Adapter Ethernet:

   Physische Adresse . . . . . . . . : 00-11-22-AA-BB-CC
   DHCP aktiviert. . . . . . . . . . : Ja
   Verbindungslokale IPv6-Adresse  . : fe80::1:2%7(Bevorzugt)
   IPv4-Adresse  . . . . . . . . . . : 192.0.2.7(Bevorzugt)
   Subnetzmaske  . . . . . . . . . . : 255.255.255.0
   Standardgateway . . . . . . . . . : fe80::ffff%7
                                       192.0.2.1
   DNS-Server  . . . . . . . . . . . : 192.0.2.53
`;
    expect(parseIpconfig(output)).toEqual([
      {
        title: 'Ethernet-Adapter Ethernet',
        mac: '00:11:22:aa:bb:cc',
        ipv4: [{ address: '192.0.2.7', mask: '255.255.255.0' }],
        ipv6: ['fe80::1:2'],
      },
    ]);
    expect(() => parseIpconfig('nothing')).toThrow(
      expect.objectContaining({ code: 'ipconfig.output' }),
    );
  });

  it('reads lists and tables of wmic', () => {
    expect(
      parseWmic('\r\r\n\r\r\nName=A=B\r\r\nSize=\r\r\n\r\r\n\r\r\nName=C\r\r\nSize=5\r\r\n'),
    ).toEqual([
      { Name: 'A=B', Size: '' },
      { Name: 'C', Size: '5' },
    ]);
    expect(parseWmic('Name     Size\r\r\nA  b     12\r\r\nC        \r\r\n\r\r\n')).toEqual([
      { Name: 'A  b', Size: '12' },
      { Name: 'C', Size: '' },
    ]);
  });

  it('reads the errors of bcdboot', () => {
    const output =
      'Start\r\nBFSVC Error: Could not open the store. Status = [c000000f]\r\nBFSVC Error: Last Error = 0x2\r\n';
    expect(parseBcdbootProblem(output)).toMatchObject({ codes: [0xc000000f, 2] });
    expect(parseBcdbootProblem('Boot files successfully created.\r\n')).toBeNull();
  });

  it.each([
    ['System error 53 has occurred.\r\n\r\nThe network path was not found.\r\n', 53],
    ['Systemfehler 1326 aufgetreten.\r\n', 1326],
    ['L’erreur système 67 s’est produite.\r\n', 67],
    ['システム エラー 1219 が発生しました。\r\n', 1219],
    ['发生系统错误 86。\r\n', 86],
    ['The command completed.\r\n', null],
    ['\\\\server7\\share 5\r\n', null],
  ])('reads the number in %j of net use', (output, number) => {
    expect(netUseError(output)).toBe(number);
  });

  it.each([
    ['diskpart', 0, 'done', /success/],
    ['diskpart', 5, 'failed', /line of the script/],
    ['dism', 3010, 'restart', /next restart/],
    ['dism', -2146498530, 'failed', /does not apply/],
    ['dism', 0x80070005, 'failed', /access denied/],
    ['dism', 0xc1420127, 'failed', /mounted already/],
    ['bcdboot', 193, 'failed', /boot files/],
    ['manage-bde', 0x80310018, 'failed', /TPM is not ready/],
    ['net use', 1219, 'failed', /another account/],
    ['pnputil', 259, 'done', /nothing was left/],
    ['robocopy', 3, 'done', /files were copied, the target has extra/],
    ['robocopy', 9, 'failed', /could not be copied/],
    ['robocopy', 16, 'failed', /fatal/],
    ['netsh', 1, 'failed', /see its output/],
    ['reg', 123456, 'failed', /see its output/],
  ] as const)('knows what %s means by %i', (tool, code, outcome, meaning) => {
    const exit = toolExit(tool, code);
    expect(exit.outcome).toBe(outcome);
    expect(exit.meaning).toMatch(meaning);
  });

  it('reads any text to a value or an error with a code', () => {
    const line = fc.oneof(
      fc.string({ unit: anyCharacter }),
      fc.constantFrom(
        '',
        '---',
        'a  {b}',
        'X:',
        '  y : 1%',
        'Volume C:',
        'BFSVC Error [c0000001]',
        'A=1',
      ),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
        const output = lines.join('\n');
        parseWmic(output);
        netUseError(output);
        parseBcdbootProblem(output);
        for (const read of [parseBcdedit, parseBitLockerStatus, parseIpconfig])
          try {
            read(output);
          } catch (error) {
            expect(error).toMatchObject({ code: expect.stringMatching(/^[a-z-]+\.output$/) });
          }
      }),
    );
  });
});
