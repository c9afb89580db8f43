import { describe, expect, it } from 'vitest';
import { parseDisks, parsePartitions, parseVolumes } from './rows.ts';
import { printedRow, printedTable } from './testing.ts';

const GB = 1024 ** 3;

describe('M53 tables of diskpart in other languages', () => {
  it('reads German disks, whose word is longer than its header', () => {
    const output = [
      'DISKPART> list disk',
      '',
      '  Datentr.###  Status         Größe    Frei     Dyn  GPT',
      '  -----------  -------------  -------  -------  ---  ---',
      '  Datenträger 0    Online          932 GB      0 B        *',
      '* Datenträger 1    Offline          14 GB  1024 KB   *',
      '  Datenträger 12   Kein Medium         0 B      0 B',
      '',
    ];
    expect(parseDisks(output.join('\r\n'))).toMatchObject([
      { number: 0, selected: false, size: { bytes: 932 * GB }, dynamic: false, gpt: true },
      { number: 1, selected: true, free: { bytes: 1024 ** 2 }, dynamic: true, gpt: false },
      { number: 12, status: 'Kein Medium', size: { bytes: 0 }, dynamic: false, gpt: false },
    ]);
  });

  it('reads Russian and Italian units, which are longer than their columns', () => {
    const output = (word: string, first: string, second: string) =>
      printedTable(
        ['', '', '', '', '', ''],
        [8, 13, 7, 7, 3, 3],
        [
          printedRow({ word, number: 0 }, [
            { text: 'Ok', width: 13, align: 'left' },
            { text: first, width: 7, align: 'right' },
            { text: second, width: 7, align: 'right' },
            { text: '', width: 3, align: 'left' },
            { text: ' *', width: 3, align: 'left' },
          ]),
        ],
      );
    for (const [word, first, second] of [
      ['Диск', ' 465 Gбайт', '    0 байт'],
      ['Диск', ' 465 Гбайт', '   0 байтов'],
      ['Disco', ' 465 Gbytes', '    0 byte'],
      ['Disque', ' 465 G octets', '    0 octets'],
      ['Levy', ' 465 Gt', '    0 t'],
    ] as const)
      expect(parseDisks(output(word, first, second))).toMatchObject([
        { size: { bytes: 465 * GB, precisionBytes: GB }, free: { bytes: 0 }, gpt: true },
      ]);
  });

  it('reads Japanese volumes, counted in characters or in places on the screen', () => {
    const head = [
      '  ボリューム      Ltr  ラベル       FS     種類        サイズ   状態       情報',
      '  --------------  ---  -----------  -----  ----------  -------  ---------  --------',
    ];
    const inCharacters =
      '  ボリューム 1     C   仕事用        NTFS   パーティション      120 GB  正常         起動';
    const onScreen =
      '  ボリューム 1     C   仕事用       NTFS   パーティション   120 GB  正常     起動';
    for (const row of [inCharacters, onScreen])
      expect(parseVolumes([...head, row, ''].join('\n'))).toMatchObject([
        {
          number: 1,
          letter: 'C',
          label: '仕事用',
          fileSystem: 'NTFS',
          type: 'パーティション',
          size: { bytes: 120 * GB },
          status: '正常',
          info: '起動',
        },
      ]);
  });

  it('reads Chinese volumes, whose number stands apart, and disks without a column for GPT', () => {
    const volumes = `
  卷 ###      LTR  标签         FS     类型        大小     状态       信息
  ----------  ---  -----------  -----  ----------  -------  ---------  --------
  卷     0     E   备份          NTFS   磁盘分区         500 GB  正常
* 卷     1                      FAT32  磁盘分区         300 MB  正常         系统
`;
    expect(parseVolumes(volumes)).toMatchObject([
      { number: 0, letter: 'E', label: '备份', fileSystem: 'NTFS', info: '' },
      { number: 1, selected: true, letter: null, label: '', fileSystem: 'FAT32', info: '系统' },
    ]);
    const disks = `
  磁盘 ###  状态           大小     可用     Dyn

--------  -------------  -------  -------  ---

  磁盘 0    联机              400 GB  2048 KB
  磁盘 1    联机               22 GB      0 B   *
`;
    expect(parseDisks(disks)).toMatchObject([
      { number: 0, dynamic: false, gpt: false },
      { number: 1, dynamic: true, gpt: false },
    ]);
    const virtual = `
  VDisk ###  Disk ###  State                 Type       File
  ---------  --------  --------------------  ---------  ----
  VDisk 0    Disk 2    Attached not open     Expandable c:\\a.vhdx
`;
    expect(parseDisks(virtual)).toEqual([]);
  });

  it('tells a letter from a label of one letter, a file system from a label, a size from a label and a status', () => {
    const output = `
  Volumen ###  Ltr  Etiqueta     Fs     Tipo        Tamaño   Estado     Info
  -----------  ---  -----------  -----  ----------  -------  ---------  --------
  Volumen 0     D                       DVD-ROM         0 B  0 medios
  Volumen 1     E   NTFS                Extraíble      14 GB  Correcto
  Volumen 2         D            NTFS   Partición      60 GB             Oculto
  Volumen 3     F   8 GB  two    FAT32  Partición       8 GB  Correcto
    C:\\datos\\montado\\
`;
    expect(parseVolumes(output)).toMatchObject([
      { letter: 'D', label: '', fileSystem: null, type: 'DVD-ROM', status: '0 medios' },
      { letter: 'E', label: 'NTFS', fileSystem: null, type: 'Extraíble', status: 'Correcto' },
      { letter: null, label: 'D', fileSystem: 'NTFS', status: '', info: 'Oculto' },
      { letter: 'F', label: '8 GB  two', fileSystem: 'FAT32', size: { bytes: 8 * GB } },
    ]);
  });

  it('reads partitions with the number before the word, and none where there is no table', () => {
    const output = `
  Partíció ###   Típus             Méret    Eltolás
  -------------  ----------------  -------  -------
* 2. partíció    Elsődleges          99 MB  1024 KB
`;
    expect(parsePartitions(output)).toMatchObject([
      { number: 2, selected: true, type: 'Elsődleges', offset: { bytes: 1024 ** 2 } },
    ]);
    expect(parsePartitions('Auf diesem Datenträger gibt es keine Partitionen.\r\n')).toEqual([]);
  });

  it('reads Japanese disks under two lines of headers, and leaves out a missing dynamic disk', () => {
    const output = [
      '\t  ディスク      状態           サイズ   空き   ダイナ GPT',
      '\t  ###                                          ミック',
      '\t  ------------  -------------  -------  -------  ---  ---',
      '\t  ディスク 0    オンライン           400 GB      0 B   *',
      '\t* ディスク 1    オンライン            58 GB   200 MB        *',
      '\t  ディスク M0   Missing            0 B      0 B   *',
    ];
    expect(parseDisks(output.join('\r\n'))).toMatchObject([
      { number: 0, status: 'オンライン', size: { bytes: 400 * GB }, dynamic: true, gpt: false },
      { number: 1, selected: true, free: { bytes: 200 * 1024 ** 2 }, dynamic: false, gpt: true },
    ]);
  });

  it('refuses a row that it does not understand, and leaves out a last one that is cut', () => {
    const head =
      '  Disk ###  Status  Size  Free  Dyn  Gpt\n  --------  ------  ----  ----  ---  ---\n';
    const unreadable = () => parseDisks(`${head}  Disk 0    Online  what?\n\n`);
    expect(unreadable).toThrow(expect.objectContaining({ code: 'diskpart.output' }));
    expect(parseDisks(`${head}  Disk 0    Online  1 GB  0 B\n  Disk 1    Onl`)).toHaveLength(1);
  });
});
