import { describe, expect, it } from 'vitest';
import { makeZip } from '#server/zip/testing/make-zip.ts';
import { readSources } from './read-sources.ts';
import { bareSequence, cdata, escaped, mdtSequence, objectXml } from './testing/inputs.ts';

const read = (name: string, content: string | Uint8Array) =>
  readSources({ name, bytes: Buffer.from(content) });
const refusal = (code: string, text = '') =>
  expect.objectContaining({ code, message: expect.stringContaining(text) });

describe('M24 readSources', () => {
  it('reads a ts.xml, its name and id', async () => {
    const { sequences } = await read('Control/CLIENT1/ts.xml', mdtSequence);
    expect(sequences).toMatchObject([
      {
        format: 'mdt',
        from: 'Control/CLIENT1/ts.xml',
        id: 'CLIENT1',
        name: 'Small client',
        description: 'For tests',
        globals: [{ name: 'OSGUID' }],
        nodes: [{ name: 'Begin', nodes: [{ name: 'Gather', type: undefined }] }],
      },
    ]);
  });

  it('reads a bare sequence, and names it by its file', async () => {
    const { sequences } = await read('exports/Restart_at+once.xml', bareSequence);
    expect(sequences).toMatchObject([
      {
        format: 'configmgr',
        name: 'Restart at once',
        id: undefined,
        references: ['ABC00002'],
        nodes: [{ name: 'Restart', variables: [{ value: 'A & B' }] }],
      },
    ]);
    expect((await read('x.xml', '<sequence version="3.10" />')).sequences).toMatchObject([
      { name: 'x', nodes: [] },
    ]);
  });

  it.each([
    ['CDATA', cdata(bareSequence)],
    ['escaped text', escaped(bareSequence)],
    ['CDATA that is split', cdata(bareSequence.replace('A &amp; B', '<![CDATA[A & B]]>'))],
  ])('reads an object.xml with its sequence in %s', async (_, sequence) => {
    const { sequences, names } = await read('object.xml', objectXml(sequence));
    expect(sequences).toEqual([
      expect.objectContaining({
        format: 'configmgr',
        name: 'Install',
        id: 'ABC00001',
        description: 'What it does',
        properties: { BootImageID: 'ABC00005', SupportedOperatingSystems: 'x64' },
        references: ['ABC00002', 'ABC00005'],
      }),
    ]);
    expect(sequences[0]?.nodes).toMatchObject([{ variables: [{ value: 'A & B' }] }]);
    expect([...names]).toEqual([['abc00001', 'Install']]);
  });

  it('reads the form of Configuration Manager 2007', async () => {
    const around = (data: string): string =>
      `<SmsTaskSequencePackage><BootImageID>ABC00005</BootImageID><Name>Old one</Name><Duration>0</Duration><SequenceData>${data}</SequenceData></SmsTaskSequencePackage>`;
    for (const data of [bareSequence, cdata(bareSequence), escaped(bareSequence)])
      expect((await read('old.xml', around(data))).sequences).toMatchObject([
        { name: 'Old one', properties: { BootImageID: 'ABC00005' }, nodes: [{ name: 'Restart' }] },
      ]);
    await expect(read('old.xml', around(' '))).rejects.toEqual(refusal('import.no-sequence'));
  });

  it('finds sequences within what stands around them', async () => {
    const several = `<list>${objectXml(cdata(bareSequence))}<x>${bareSequence}</x></list>`;
    expect((await read('all.xml', several)).sequences).toHaveLength(2);
    const dump = `<Objs><S N="Sequence">${escaped(bareSequence)}</S></Objs>`;
    expect((await read('dump.xml', dump)).sequences).toMatchObject([
      { name: 'dump', nodes: [{ name: 'Restart' }] },
    ]);
  });

  it('reads UTF-16, with a mark and without', async () => {
    const wide = Buffer.from(mdtSequence, 'utf16le');
    expect((await read('a.xml', wide)).sequences).toHaveLength(1);
    expect(
      (await read('a.xml', Buffer.from(`\ufeff${mdtSequence}`, 'utf16le'))).sequences,
    ).toHaveLength(1);
    expect((await read('a.xml', Buffer.from(wide).swap16())).sequences).toHaveLength(1);
  });

  it('tells of what stands beside steps and is not known', async () => {
    const { needs } = await read('a.xml', '<sequence version="3.10"><autorun/></sequence>');
    expect(needs).toMatchObject([
      { kind: 'setting', message: expect.stringContaining('<autorun/>') },
    ]);
  });

  it.each([
    ['<html/>', 'import.no-sequence', 'its element html is no task sequence, line 1'],
    ['<INSTANCE CLASSNAME="SMS_Package"/>', 'import.no-sequence', 'class SMS_Package'],
    [objectXml(''), 'import.no-sequence', 'Sequence is empty'],
    [objectXml(cdata('<sequence>\n<step></sequence>')), 'import.xml', 'f.xml (its sequence): '],
    [objectXml('no XML'), 'import.xml', '(its sequence): '],
    [objectXml(cdata('<a/>')), 'import.no-sequence', 'its element is a'],
    ['\u0089PNG', 'import.xml', 'f.xml'],
    ['PK nothing', 'import.xml', 'f.xml'],
  ])('refuses %s', async (text, code, reason) => {
    await expect(read('f.xml', text)).rejects.toEqual(refusal(code, reason));
  });

  it('refuses a file of 50 MB at once', async () => {
    const begin = performance.now();
    await expect(
      readSources({ name: 'f.xml', bytes: new Uint8Array(50 * 1024 * 1024).fill(0x20) }),
    ).rejects.toEqual(refusal('import.too-large', 'has 52428800 bytes'));
    expect(performance.now() - begin).toBeLessThan(1000);
  });
});

const referencesInfo = (properties: Readonly<Record<string, string>>): string => {
  const values = Object.entries(properties).map(
    ([name, value]) => `<PROPERTY NAME="${name}"><VALUE>${value}</VALUE></PROPERTY>`,
  );
  return `\ufeff<ArrayOfString><string>${escaped(`<INSTANCE CLASSNAME="SMS_TaskSequenceReferencesInfo">${values.join('')}</INSTANCE>`)}</string></ArrayOfString>`;
};

describe('M24 readSources of archives', () => {
  const folder = 'SMS_TaskSequencePackage/ABC00001';
  const exported = {
    'Manifest.xml':
      '\ufeff<LibraryDocument><Contents><Content UniqueId="G-1" RelativePath="Tools" /></Contents></LibraryDocument>',
    [`${folder}/object.xml`]: objectXml(cdata(bareSequence)),
    [`${folder}/ReferencesInfo.xml`]: referencesInfo({
      ReferencePackageID: 'ABC00005',
      ReferenceName: 'Boot image (x64)',
    }),
    [`${folder}/AppReferencesInfo.xml`]: referencesInfo({
      RefAppModelName: 'ScopeId_1/Application_2',
      LocalizedDisplayName: 'Editor',
    }),
    'SMS_TaskSequencePackage/ABC00003/object.xml': objectXml(
      cdata('<sequence version="3.10"/>'),
      'ABC00003',
      'Child',
    ),
    'SMS_TaskSequencePackage/USERSTATE_MIGRATION_PACKAGE.xml': '<string>X</string>',
    'SMS_Package/ABC00002/object.xml':
      '<INSTANCE CLASSNAME="SMS_Package"><PROPERTY NAME="PackageID"><VALUE>ABC00002</VALUE></PROPERTY><PROPERTY NAME="Name"><VALUE>Our tools</VALUE></PROPERTY></INSTANCE>',
    'SMS_Package/ABC00002/PACKAGE_CONTENT.xml': '\ufeff<guid>g-1</guid>',
  };

  it('reads a console export: all sequences, names and objects', async () => {
    const { sequences, names, objects, needs } = await read('e.zip', await makeZip(exported));
    expect(sequences.map(({ name, from }) => [name, from])).toEqual([
      ['Install', 'e.zip: SMS_TaskSequencePackage/ABC00001/object.xml'],
      ['Child', 'e.zip: SMS_TaskSequencePackage/ABC00003/object.xml'],
    ]);
    expect(Object.fromEntries(names)).toEqual({
      abc00001: 'Install',
      abc00002: 'Our tools',
      abc00003: 'Child',
      abc00005: 'Boot image (x64)',
      'scopeid_1/application_2': 'Editor',
    });
    expect(objects).toEqual([
      { id: 'ABC00002', kind: 'SMS_Package', name: 'Our tools', contentFolder: 'Tools' },
    ]);
    expect(needs).toEqual([]);
  });

  it('reads the sequences though something beside them is broken, and tells of it', async () => {
    const broken = { ...exported, [`${folder}/ReferencesInfo.xml`]: '<ArrayOfString>' };
    const { sequences, needs } = await read('e.zip', await makeZip(broken));
    expect(sequences).toHaveLength(2);
    expect(needs).toMatchObject([
      { kind: 'reference', message: expect.stringContaining('ReferencesInfo.xml') },
    ]);
  });

  it('reads the other sequences though one is broken, and tells of it', async () => {
    const broken = { ...exported, [`${folder}/object.xml`]: '<INSTANCE>' };
    const { sequences, needs } = await read('e.zip', await makeZip(broken));
    expect(sequences.map(({ name }) => name)).toEqual(['Child']);
    expect(needs).toMatchObject([
      { kind: 'setting', message: expect.stringContaining('ABC00001/object.xml') },
    ]);
    await expect(
      read('e.zip', await makeZip({ [`${folder}/object.xml`]: '<INSTANCE>' })),
    ).rejects.toEqual(refusal('import.xml', 'ABC00001/object.xml'));
  });

  it('takes the names of applications and child sequences from steps', async () => {
    const variable = (name: string, value: string): string =>
      `<variable name="${name}" property="x">${value}</variable>`;
    const step = (...variables: readonly string[]): string =>
      `<step><defaultVarList>${variables.join('')}</defaultVarList></step>`;
    const text = `<sequence version="3.10"><group>${step(
      variable('OSDApp0Name', 'ScopeId_1/Application_3'),
      variable('OSDApp0DisplayName', 'Reader'),
    )}</group>${step(
      variable('OSDSubTasksequencePackageID', 'ABC00009'),
      variable('OSDSubTasksequenceTsName', 'ABC00009, Drivers, all'),
    )}</sequence>`;
    expect(Object.fromEntries((await read('a.xml', text)).names)).toEqual({
      'scopeid_1/application_3': 'Reader',
      abc00009: 'Drivers, all',
    });
  });

  it('reads every ts.xml of a Control folder, with the names that are in it', async () => {
    const zip = await makeZip({
      'Control/CLIENT1/ts.xml': mdtSequence,
      'Control/CLIENT2/ts.xml': mdtSequence.replace(' name="Small client"', ''),
      'Control/CLIENT1/Unattend.xml': '<unattend/>',
      'Control/TaskSequences.xml':
        '<tss><ts guid="{9}"><Name>Second</Name><ID>CLIENT2</ID></ts></tss>',
      'Control/Applications.xml':
        '<applications><application guid="{A-1}"><Name>Editor</Name></application></applications>',
    });
    const { sequences, names } = await read('Control.zip', zip);
    expect(sequences.map(({ id, name, format }) => [id, name, format])).toEqual([
      ['CLIENT1', 'Small client', 'mdt'],
      ['CLIENT2', 'Second', 'mdt'],
    ]);
    expect(names.get('{a-1}')).toBe('Editor');
  });

  it('tries every XML file where none is a known one', async () => {
    const zip = await makeZip({
      'one.xml': bareSequence,
      'two.xml': '<html/>',
      'three.xml': 'no XML',
      'read.me': bareSequence,
    });
    expect((await read('a.zip', zip)).sequences).toMatchObject([{ name: 'one' }]);
    await expect(read('a.zip', await makeZip({ 'a.xml': '<a/>' }))).rejects.toEqual(
      refusal('import.no-sequence', 'a.zip: has no task sequence in it'),
    );
    await expect(read('a.zip', await makeZip({}))).rejects.toEqual(refusal('import.no-sequence'));
  });

  it('refuses an archive that is dangerous as a whole', async () => {
    const bomb = { ...exported, [`${folder}/object.xml`]: ' '.repeat(15_000_000) };
    await expect(read('e.zip', await makeZip(bomb))).rejects.toEqual(
      refusal('import.zip-size', `${folder}/object.xml`),
    );
  });
});
