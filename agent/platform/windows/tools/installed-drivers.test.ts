import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyCharacter } from '../../../sequence/testing/any-character.ts';
import { parseDismDrivers, parsePnputilDrivers, parsePublishedNames } from './installed-drivers.ts';

describe('M53 drivers that pnputil and dism list', () => {
  it('reads a new list in German', () => {
    const output = `
Microsoft-PnP-Dienstprogramm

Veröffentlichter Name:     oem7.inf
Originalname:              netz.inf
Anbietername:              Beispiel: GmbH
Klassenname:               Netzwerkadapter
Klassen-GUID:              {4D36E972-E325-11CE-BFC1-08002BE10318}
Treiberversion:            29.09.2025 1.2.3.4
Signaturgebername:         Prüfer
`;
    expect(parsePnputilDrivers(output)).toEqual([
      {
        publishedName: 'oem7.inf',
        originalName: 'netz.inf',
        provider: 'Beispiel: GmbH',
        className: 'Netzwerkadapter',
        classGuid: '{4d36e972-e325-11ce-bfc1-08002be10318}',
        version: '1.2.3.4',
        date: '29.09.2025',
        signer: 'Prüfer',
        inbox: null,
      },
    ]);
  });

  it('reads old lists in Chinese, and with values in lines of their own', () => {
    const output = `
发布名称:            oem0.inf
驱动程序包提供程序:Acme
类:                     网络适配器
驱动程序日期和版本: 10/09/2025 2.1.0.0
签名者姓名：测试者

Nom publié :
oem1.inf
Fournisseur du package : Acme
Classe : Imprimantes
Date et version du pilote :
2025-10-09 6.1.7601.17514
Signataire : Testeur
`;
    expect(parsePnputilDrivers(output)).toMatchObject([
      { publishedName: 'oem0.inf', provider: 'Acme', className: '网络适配器', signer: '测试者' },
      {
        publishedName: 'oem1.inf',
        version: '6.1.7601.17514',
        date: '2025-10-09',
        signer: 'Testeur',
      },
    ]);
  });

  it('reads the list of dism in Spanish', () => {
    const output = `
Nombre publicado : oem3.inf
Nombre de archivo original : disco.inf
De bandeja de entrada : No
Nombre de clase : SCSIAdapter
Nombre de proveedor : Acme
Fecha : 24/03/2025
Versión : 3.0.4.70
`;
    expect(parseDismDrivers(output)).toMatchObject([
      {
        publishedName: 'oem3.inf',
        provider: 'Acme',
        className: 'SCSIAdapter',
        version: '3.0.4.70',
        inbox: false,
      },
    ]);
  });

  it('reads what was published, and nothing of an empty store', () => {
    expect(parsePublishedNames('Nom publié : oem22.inf\nNom publié : OEM22.inf\n')).toEqual([
      'oem22.inf',
    ]);
    expect(parsePnputilDrivers('No published driver packages were found.\n')).toEqual([]);
  });

  it('reads any text to a value or an error with a code', () => {
    const line = fc.oneof(
      fc.string({ unit: anyCharacter }),
      fc.constantFrom('a: oem1.inf', 'b: c', ''),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
        try {
          parsePnputilDrivers(lines.join('\n'));
        } catch (error) {
          expect(error).toMatchObject({ code: 'pnputil.output' });
        }
      }),
    );
  });
});
