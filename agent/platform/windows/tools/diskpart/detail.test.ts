import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyCharacter } from '../../../../sequence/testing/any-character.ts';
import { confirmDisk, confirmDiskScript, type ExpectedDisk } from './confirm-disk.ts';
import {
  parseDiskDetail,
  parsePartitionDetail,
  parseUniqueId,
  parseVolumeDetail,
} from './detail.ts';

const GPT_ID = '6A1B2C3D-1111-2222-3333-ABCDEF012345';
const FRENCH_DISK = `
Le disque 2 est maintenant le disque sélectionné.

  N° disque  Statut         Taille   Libre    Dyn  GPT
  ---------  -------------  -------  -------  ---  ---
  Disque 0    En ligne         14 G octets      0 octets
* Disque 2    En ligne        476 G octets  1024 K octets        *

ACME FAST 512
ID du disque : {${GPT_ID}}
Type : NVMe
Statut : En ligne
Chemin : 0
Cible : 0
ID LUN : 0
Chemin d’accès de l’emplacement : PCIROOT(0)#PCI(1D00)#PCI(0000)#NVME(P00T00L00)
État de lecture seule actuel : Non
Lecture seule : Oui
Disque de démarrage : Non
Disque de fichier d’échange : Non
Disque de fichier de mise en veille prolongée : Non
Disque de vidage sur incident : Non
Disque en cluster : Non

  N° volume   Ltr  Nom          Fs     Type        Taille   Statut     Info
  ----------  ---  -----------  -----  ----------  -------  ---------  --------
  Volume 3     E   Données      NTFS   Partition    476 G   Sain
`;
const expected: ExpectedDisk = {
  number: 2,
  uniqueId: GPT_ID.toLowerCase(),
  sizeBytes: 512_110_190_592,
  model: 'ACME FAST 512',
  locationPath: 'PCIROOT(0)#PCI(1D00)#PCI(0000)#NVME(P00T00L00)',
};

describe('M53 details of diskpart in other languages', () => {
  it('reads a disk: id, bus and place by order and form, flags by the words for yes and no', () => {
    expect(parseDiskDetail(FRENCH_DISK)).toMatchObject({
      model: 'ACME FAST 512',
      uniqueId: GPT_ID.toLowerCase(),
      bus: 'NVMe',
      locationPath: expected.locationPath,
      readOnly: true,
      bootDisk: false,
      volumes: [{ number: 3, letter: 'E', label: 'Données' }],
    });
  });

  it('reads a Japanese disk without a table, a place and known words', () => {
    const output = `
試験ディスク
ディスク ID: 00000000
種類   : USB
状態 : オンライン
パス   : 0
ターゲット : 0
LUN ID : 0
場所パス : 利用不可
現在の読み取り専用状態: いいえ
読み取り専用  : いいえ
ブート ディスク  : maybe
ページ ファイル ディスク  : いいえ
休止状態ファイル ディスク  : いいえ
クラッシュ ダンプ ディスク  : いいえ
クラスター化ディスク  : いいえ

ボリュームがありません。
`;
    expect(parseDiskDetail(output)).toEqual({
      model: '試験ディスク',
      uniqueId: null,
      bus: 'USB',
      locationPath: null,
      readOnly: false,
      bootDisk: null,
      volumes: [],
    });
  });

  it('reads partitions of both styles', () => {
    const gpt = `
Partition 1
Typ                 : c12a7328-f81f-11d2-ba4b-00a0c93ec93b
Versteckt           : Ja
Erforderlich        : Nein
Attribut            : 0X8000000000000001
Offset in Byte      : 1048576
`;
    expect(parsePartitionDetail(gpt)).toMatchObject({
      number: 1,
      type: 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b',
      hidden: true,
      active: null,
      attributes: 0x8000000000000001n,
      offsetBytes: 1_048_576,
    });
    const mbr =
      '\nPartición 2\nTipo  : 07\nOculta: No\nActiva: Sí\nDesplazamiento en bytes: 525336576\n';
    expect(parsePartitionDetail(mbr)).toMatchObject({
      number: 2,
      type: '07',
      hidden: false,
      active: true,
      attributes: null,
      offsetBytes: 525_336_576,
    });
  });

  it('reads a volume', () => {
    const output = `
  Datentr.###  Status         Größe    Frei     Dyn  GPT
  -----------  -------------  -------  -------  ---  ---
* Datenträger 0    Online          128 GB      0 B

Schreibgeschützt       : Nein
Versteckt              : Ja
Kein Standardlaufwerkbuchstabe: Ja
Schattenkopie          : Nein
Offline                : Nein
BitLocker-verschlüsselt: Ja
Installierbar          : Nein

Volumekapazität        :  127 GB
Freier Speicherplatz   :  100 MB
`;
    expect(parseVolumeDetail(output)).toMatchObject({
      disks: [{ number: 0, selected: true }],
      hidden: true,
      noDefaultDriveLetter: true,
      offline: false,
      bitLocker: true,
      capacity: { bytes: 127 * 1024 ** 3 },
      free: { bytes: 100 * 1024 ** 2 },
    });
  });

  it('reads the answer to a question for the id', () => {
    expect(parseUniqueId(`\nDatenträger-ID: {${GPT_ID}}\n`)).toBe(GPT_ID.toLowerCase());
    expect(parseUniqueId('\nディスク ID: 1A2B3C4D\n')).toBe('1a2b3c4d');
    expect(() => parseUniqueId('nothing')).toThrow(
      expect.objectContaining({ code: 'diskpart.output' }),
    );
  });

  it('reads any text to a value or an error with a code', () => {
    const readers = [parseDiskDetail, parsePartitionDetail, parseVolumeDetail, parseUniqueId];
    const line = fc.oneof(
      fc.string({ unit: anyCharacter }),
      fc.constantFrom('a: 07', `x : {${GPT_ID}}`, 'n: No', 'o: 1048576', '', 'Title 1', 's: 1 GB'),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
        for (const read of readers)
          try {
            read(lines.join('\n'));
          } catch (error) {
            expect(error).toMatchObject({ code: 'diskpart.output' });
          }
      }),
    );
  });
});

describe('M55 a disk is confirmed before it is erased', () => {
  it('accepts the disk that was chosen', () => {
    expect(confirmDiskScript(2)).toBe('select disk 2\r\nlist disk\r\ndetail disk\r\n');
    expect(() => confirmDisk(FRENCH_DISK, expected)).not.toThrow();
  });

  it.each([
    ['another id', { uniqueId: null }],
    ['another size', { sizeBytes: 256_060_514_304 }],
    ['another model', { model: 'ACME SLOW' }],
    ['another place', { locationPath: 'PCIROOT(0)#PCI(0100)' }],
    ['another number', { number: 0 }],
    ['a number that is not there', { number: 7 }],
  ])('refuses %s', (_name, difference) => {
    expect(() => confirmDisk(FRENCH_DISK, { ...expected, ...difference })).toThrow(
      expect.objectContaining({ code: 'diskpart.other-disk' }),
    );
  });
});
