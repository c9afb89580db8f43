import { rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { anyCharacter } from '#agent/sequence/testing/any-character.ts';
import { steps as registry } from '#agent/steps/index.ts';
import { importAll } from '../../import-all.ts';
import { mapSourceStep } from '../../map-source-step.ts';
import { guid, share, writeShare } from '../testing/share-fixture.ts';
import { type DeploymentShare, readDeploymentShare } from './read-share.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});
async function read(files: Readonly<Record<string, string>>): Promise<DeploymentShare> {
  const folder = await writeShare(files);
  folders.push(folder);
  return await readDeploymentShare(folder);
}

describe('M24 a deployment share of MDT', () => {
  it('tells what an import would bring, and what is not on its disk', async () => {
    const found = await read(share);
    expect(found.failures.map(({ message }) => message)).toEqual([
      'Control\\LOST\\ts.xml: is not in the share',
    ]);
    expect(found).toMatchObject({
      description: 'Lab',
      uncPath: '\\\\mdt\\lab$',
      taskSequences: [
        {
          id: 'LAB10',
          name: 'Lab 10, new',
          version: '1.0',
          template: 'Client.xml',
          isEnabled: true,
        },
        { id: 'LOST' },
      ],
      operatingSystems: [
        { name: 'Lab 10 x64', imageIndex: 3, imageBytes: 14, build: '10.0.1', platform: 'x64' },
        { name: 'Gone', imageBytes: null },
      ],
      drivers: 2,
      driverGroups: [{ name: 'Lab\\Book 7', members: 2, infFiles: 1, missing: 1 }],
      selectionProfiles: [
        {
          name: 'Lab drivers',
          includes: ['Out-of-Box Drivers\\Lab'],
          excludes: ['Out-of-Box Drivers\\Lab\\Old'],
        },
      ],
    });
    expect(found.applications).toEqual([
      {
        id: guid(3),
        name: 'Reader',
        version: '1.2',
        publisher: 'Contoso',
        commandLine: 'setup.exe /quiet',
        workingDirectory: '.\\Applications\\Reader',
        source: '.\\Applications\\Reader',
        content: { files: 2, bytes: 57, isMore: false },
        uninstallKey: 'Reader 1',
        dependencies: ['Runtime', 'Lab drivers'],
        isEnabled: true,
        restarts: true,
      },
      expect.objectContaining({ name: 'Runtime', content: null, isEnabled: false }),
      expect.objectContaining({ name: 'Bundle', source: '', content: null }),
    ]);
    expect(found.missing).toEqual([
      { what: 'the image of Gone', path: '..\\outside.wim' },
      { what: 'the files of the application Runtime', path: '.\\Applications\\Runtime' },
    ]);
    expect([...found.rules.keys()]).toEqual(['bootstrap.ini', 'customsettings.ini']);
  });

  it('names the scripts that call Microsoft.SMS.TSEnvironment, but for those of the toolkit', async () => {
    const { scripts } = await read(share);
    expect(scripts.scripts.map(({ path, findings }) => [path, findings[0]?.kind])).toEqual([
      ['Scripts\\Custom\\Set-LabName.ps1', 'server-share'],
      ['Applications\\Reader\\Install-Reader.ps1', 'ts-environment'],
    ]);
  });

  it('imports its sequences with names, index, applications and rules', async () => {
    const { read: sources } = await read(share);
    const { sequences, failures } = importAll(
      { read: sources, failures: [], skipped: [] },
      { registry, mapStep: mapSourceStep },
    );
    expect(failures).toEqual([]);
    const [sequence] = sequences;
    const text = JSON.stringify(sequence?.document);
    expect(sequence?.document).toMatchObject({ name: 'Lab 10, new' });
    expect(text).toContain(
      '"image":{"name":"Lab 10 x64"},"index":3,"destination":"next-available"',
    );
    expect(text).toContain('"applications":[{"name":"Reader"}]');
    expect(text).toContain('{"name":"OrgName","value":"Lab"}');
    expect(text).toContain('{"name":"Applications001","value":"Reader"}');
    expect(text).not.toContain('hidden1');
    expect(text).toContain('"group":"Gather, and process the rules of CustomSettings.ini"');
    expect(text.indexOf('Rules of Bootstrap.ini')).toBeLessThan(
      text.indexOf('Rules of CustomSettings.ini'),
    );
    expect(sequence?.needs.map(({ kind }) => kind)).toEqual(['secret']);
    const needs = sequence?.nodes.flatMap((node) => node.needs.map(({ message }) => message));
    expect(needs).toContainEqual(
      expect.stringContaining('AdminPassword of [Default] stands in the file'),
    );
    expect(needs).toContainEqual(expect.stringContaining('Unattend.xml is not taken over'));
  });

  it('reads no file outside of it, whatever its lists and links say', async () => {
    const outside = join(tmpdir(), `metalwright-outside-${process.pid}`);
    await writeFile(outside, 'secret');
    folders.push(outside);
    const files = {
      ...share,
      'Control\\TaskSequences.xml': [
        '..\\..\\x',
        'C:\\x',
        '\\\\server\\x',
        'LINK',
        'a\u0000b',
        '',
      ].reduce(
        (text, id, index) =>
          text.replace(
            '</tss>',
            `<ts guid="{${index}}"><Name>n</Name><ID>${id.replace('\0', '')}</ID></ts></tss>`,
          ),
        '<tss></tss>',
      ),
    };
    const folder = await writeShare(files);
    folders.push(folder);
    await symlink('/etc', join(folder, 'Control', 'LINK'));
    await symlink(outside, join(folder, 'Applications', 'Reader', 'link.ps1'));
    const found = await readDeploymentShare(folder);
    expect(found.read).toEqual([]);
    expect(found.failures.map(({ code }) => code)).toEqual(
      Array.from({ length: 6 }, () => 'import.file'),
    );
    expect(found.applications[0]?.content?.files).toBe(2);
  });

  it('is refused where there is no folder Control', async () => {
    await expect(read({ 'x\\y': '' })).rejects.toThrow('has no folder Control');
    await expect(readDeploymentShare('/nowhere')).rejects.toMatchObject({ code: 'mdt.no-share' });
  });

  it('of any bytes is read as far as it can be', async () => {
    const names = [
      'OperatingSystems.xml',
      'Applications.xml',
      'Drivers.xml',
      'DriverGroups.xml',
      'Packages.xml',
      'SelectionProfiles.xml',
      'TaskSequences.xml',
      'Settings.xml',
      'CustomSettings.ini',
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...names),
        fc.oneof(
          fc.string({ unit: anyCharacter, maxLength: 200 }),
          fc.constantFrom(
            '<a><b guid="{1}"/></a>',
            '<a',
            '<a guid="x"><b guid=""><Name/></b></a>',
            '<!DOCTYPE x [<!ENTITY e "x">]><a>&e;</a>',
          ),
        ),
        async (name, text) => {
          const found = await read({ ...share, [`Control\\${name}`]: text });
          expect(found.failures.every(({ code }) => /^(?:import|mdt)\./.test(code))).toBe(true);
        },
      ),
      { numRuns: 40 },
    );
  });
});
