import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openTestConsole, type TestConsole } from '../../http/routes/operator/test-console.ts';
import { openValue } from '../../trust/variable-seal.ts';
import { runHere } from '../testing/run-here.ts';

const example = join(import.meta.dirname, '../../../docs/examples/site');
let site: TestConsole;
let folder: string;
let server: string[];
let environment: Record<string, string>;
beforeEach(async () => {
  environment = {};
  site = await openTestConsole({ tls: true });
  server = ['--server', await site.listen(), '--data', site.dataDirectory];
  folder = await mkdtemp(join(tmpdir(), 'metalwright-apply-'));
  await cp(example, folder, { recursive: true });
});
afterEach(async () => {
  await site[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const run = (...argv: string[]) => runHere([...argv, '-f', folder, ...server], { environment });

async function edit(file: string, from: string, to: string): Promise<void> {
  const path = join(folder, file);
  await writeFile(path, (await readFile(path, 'utf8')).replace(from, to));
}

function fail(): never {
  throw new Error('it is not there');
}

/** What the server has, without times. */
async function audited(): Promise<string[]> {
  return (await site.services.store.audit.list(1000)).map(({ action }) => action);
}

it('makes the server what the files say, and the second time changes nothing', async () => {
  const before = await run('diff');
  expect([before.code, before.out]).toEqual([
    1,
    expect.stringContaining('collection "Bench": new'),
  ]);
  const first = await run('apply');
  expect([first.code, first.err]).toEqual([0, '']);
  expect(first.out).toContain('11 of 11 applied, 0 the same as before');
  const changes = await audited();
  const second = await run('apply');
  expect([second.code, second.out]).toEqual([0, '0 of 11 applied, 11 the same as before\n']);
  expect(await audited()).toEqual(changes);
  expect(await run('diff')).toMatchObject({ code: 0, out: '', err: '' });
  const { store } = site.services;
  const bench = await store.collections.find('Bench');
  expect(bench).toMatchObject({ precedence: 5 });
  expect(await store.deployments.list()).toMatchObject([
    {
      collectionId: bench?.id,
      settings: {
        availableFrom: '2027-01-15T08:00',
        expires: '2027-12-31T22:00Z',
        assignments: [{ kind: 'recurring', recurrence: { kind: 'weekly', weekdays: ['monday'] } }],
        rerun: 'if-failed',
        maxRunMinutes: 30,
        download: 'when-needed',
      },
    },
  ]);
  expect(await store.windows.list()).toMatchObject([
    { name: 'Nights', kind: 'task-sequences', recurrence: { weekdays: ['monday', 'friday'] } },
  ]);
  const [device] = (await store.devices.list()).filter(({ name }) => name === 'BENCH-01');
  expect(device).toMatchObject({ state: 'known', serialNumber: '7HK4W01' });
  expect(await store.memberships.ofDevices([device?.id ?? fail()])).toEqual(
    new Map([[device?.id, [bench?.id]]]),
  );
  expect(await store.naming.rules()).toMatchObject([
    { pattern: 'PC-{serial:last7}', collection: bench?.id },
    { pattern: 'NEW-{counter:4}' },
  ]);
  const groups = await store.boundaryGroups.list();
  expect(groups.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['Branch office', 'Headquarters']),
  );
  expect(await store.software.applications()).toMatchObject([{ name: 'Mail', revision: 1 }]);
});

it('changes of each kind what its file says, and nothing again', async () => {
  await run('apply');
  await edit('deployments/inventory-bench.yaml', 'maxRunMinutes: 30', 'maxRunMinutes: 45');
  await edit('collections/bench.yaml', 'finishTime: "04:00"', 'finishTime: "05:30"');
  await edit('devices/bench.yaml', 'notes: spare', 'notes: in use');
  await edit('devices/bench.yaml', 'Room: "12"', 'Floor: "3"');
  await edit('naming.yaml', 'counter:4', 'counter:3');
  await edit('content/branch.yaml', '8080', '8081');
  await edit('content/branch-office.yaml', '10.9.0.0/16', '10.8.0.0/16');
  await edit('software/mail.yaml', '"5.1"', '"5.2"');
  const { out } = await run('diff');
  for (const line of [
    'settings: maxRunMinutes\n    - 30\n    + 45',
    'maintenanceWindows: nights: finishTime\n    - 04:00\n    + 05:30',
    'notes\n    - spare\n    + in use',
    'variables: Room\n    - 12',
    'variables: Floor\n    + 3',
    'rule 2: pattern\n    - NEW-{counter:4}\n    + NEW-{counter:3}',
    'url\n    - http://10.9.0.2:8080\n    + http://10.9.0.2:8081',
    'softwareVersion\n    - 5.1\n    + 5.2',
  ])
    expect(out).toContain(line);
  expect((await run('apply')).out).toContain('8 of 11 applied, 3 the same as before');
  expect(await run('diff')).toMatchObject({ code: 0, out: '' });
  const changes = await audited();
  expect((await run('apply')).out).toBe('0 of 11 applied, 11 the same as before\n');
  expect(await audited()).toEqual(changes);
});

it('sets secrets from where the file says, never shows them, and again only when told to', async () => {
  await edit(
    'collections/bench.yaml',
    'variables:',
    'secretVariables: { JoinPassword: { file: .secrets/join }, Pin: { env: APPLY_TEST_PIN } }\nvariables:',
  );
  const refused = await run('apply');
  expect([refused.code, refused.err]).toEqual([
    1,
    expect.stringContaining('[apply.secret-source]'),
  ]);
  expect(await audited()).toEqual([]);
  await mkdir(join(folder, '.secrets'));
  await writeFile(join(folder, '.secrets/join'), 'geheim-1\n');
  environment['APPLY_TEST_PIN'] = 'geheim-2';
  const diff = await run('diff');
  expect((await run('diff', '--json')).out + diff.out + diff.err).not.toContain('geheim');
  expect((await run('apply')).code).toBe(0);
  const { store, variableKey } = site.services;
  const { id } = (await store.collections.find('Bench')) ?? fail();
  expect(await store.variables.list({ kind: 'collection', id })).toMatchObject([
    { name: 'JoinPassword', value: '', secret: true },
    { name: 'Pin', secret: true },
    { name: 'Site', value: 'Vienna' },
  ]);
  const place = { owner: `collection:${id}`, name: 'JoinPassword' };
  const sealed = async () => {
    const database = new DatabaseSync(join(site.dataDirectory, 'site.sqlite'));
    const row = database
      .prepare("select value from variables where name = 'JoinPassword'")
      .get() as { value: string };
    database.close();
    return openValue(variableKey, place, row.value);
  };
  expect(await sealed()).toBe('geheim-1');
  await writeFile(join(folder, '.secrets/join'), 'geheim-3\n');
  expect((await run('diff')).code).toBe(0);
  expect((await run('apply', '--set-secrets')).out).toContain('1 of 11 applied');
  expect(await sealed()).toBe('geheim-3');
});

it('takes away what no file names when it is told to and agreed, of the kinds of the folder alone', async () => {
  await run('apply');
  for (const file of [
    'deployments/inventory-bench.yaml',
    'collections/bench.yaml',
    'content/branch-office.yaml',
    'naming.yaml',
    'devices/bench.yaml',
  ])
    await rm(join(folder, file));
  await edit('content/headquarters.yaml', 'neighbors: [Branch office]', 'neighbors: []');
  expect((await run('apply')).out).toContain('1 of 5 applied');
  const { store } = site.services;
  const all = async () => ({
    deployments: (await store.deployments.list()).filter(({ withdrawnMs }) => withdrawnMs === null)
      .length,
    collections: (await store.collections.list()).filter(({ builtIn }) => !builtIn).length,
    devices: (await store.devices.list()).length,
    groups: (await store.boundaryGroups.list()).length,
  });
  const before = await all();
  expect(before).toEqual({ deployments: 1, collections: 2, devices: 2, groups: 3 });
  const diff = await run('diff', '--prune');
  expect(diff.out).toBe(
    'boundary group "Branch office": taken away\ncollection "Bench": taken away\n',
  );
  const asked = await run('apply', '--prune');
  expect([asked.code, asked.err]).toEqual([1, expect.stringContaining('[apply.prune]')]);
  expect(await all()).toEqual(before);
  // Of deployments the folder has none: they stay, and with them what they are aimed at.
  const refused = await run('apply', '--prune', '--yes');
  expect([refused.code, refused.err]).toEqual([
    1,
    expect.stringContaining('[collection.deployed]'),
  ]);
  await writeFile(
    join(folder, 'deployments/other.yaml'),
    'kind: deployment\nsequence: Look at the machine\ncollection: Retired\npurpose: available\n',
  );
  expect((await run('apply', '--prune', '--yes')).out).toContain('taken away');
  expect(await all()).toEqual({ deployments: 1, collections: 1, devices: 2, groups: 2 });
  expect((await run('diff', '--prune')).code).toBe(0);
});

it('sets programs of packages that are there, and takes away those of the same packages alone', async () => {
  const { store } = site.services;
  const pack = async (name: string) =>
    (await store.packages.add({ name, kind: 'package', objects: [], images: [] }, 1)).id;
  const [office, tools] = [await pack('Office'), await pack('Tools')];
  const file = join(folder, 'software/office.yaml');
  const program = (name: string) =>
    writeFile(file, `kind: program\npackage: Office\nname: ${name}\ncommandLine: setup.exe /S\n`);
  await program('Silent');
  expect(await run('apply')).toMatchObject({
    out: expect.stringContaining('12 of 12 applied'),
    err: '',
  });
  expect((await run('diff')).code).toBe(0);
  const [silent] = await store.software.programs(office);
  if (silent === undefined) throw new Error('there is no program');
  await store.software.setProgram(tools, { name: 'Silent', program: silent, nowMs: 1 });
  await program('Loud');
  await run('apply', '--prune', '--yes');
  expect((await store.software.programs(office)).map(({ name }) => name)).toEqual(['Loud']);
  expect(await store.software.programs(tools)).toHaveLength(1);
  await writeFile(file, 'kind: program\npackage: Nowhere\nname: X\ncommandLine: x\n');
  expect((await run('apply')).err).toContain('[apply.reference]');
});

it('names what refers to nothing, before anything is changed', async () => {
  await edit('deployments/inventory-bench.yaml', 'collection: Bench', 'collection: Bank');
  await edit('collections/bench.yaml', 'device: BENCH-01', 'device: BENCH-99');
  await edit('content/branch-office.yaml', 'points: [Branch]', 'points: [Nowhere]');
  const { code, err } = await run('apply');
  expect(code).toBe(1);
  expect(err.match(/\[apply\.reference\]/g)).toHaveLength(3);
  expect(await audited()).toEqual([]);
});

it('says what it would change, and changes that alone', async () => {
  await run('apply');
  await edit('collections/bench.yaml', 'Latitude%', 'OptiPlex%');
  await edit('collections/bench.yaml', 'Vienna', 'Graz');
  await edit('collections/bench.yaml', 'precedence: 5', 'precedence: 7');
  await edit('task-sequences/inventory.yaml', 'timeoutMinutes: 2', 'timeoutMinutes: 5');
  const { code, out } = await run('diff');
  expect(code).toBe(1);
  expect(out).toBe(
    [
      'task sequence "Look at the machine": changed (task-sequences/inventory.yaml)',
      '  line 9',
      '    -       timeoutMinutes: 2',
      '    +       timeoutMinutes: 5',
      'collection "Bench": changed (collections/bench.yaml)',
      '  precedence',
      '    - 5',
      '    + 7',
      '  rules: query latitudes',
      '    - model like "Latitude%" and serial is not null',
      '    + model like "OptiPlex%" and serial is not null',
      '  variables: Site',
      '    - Vienna',
      '    + Graz',
      '',
    ].join('\n'),
  );
  expect((await run('apply')).out).toContain('2 of 11 applied, 9 the same as before');
  expect((await run('diff')).code).toBe(0);
  const sequence = (await site.services.store.sequences.list())[0];
  expect(sequence).toMatchObject({ version: 2 });
});

it('changes nothing when something is wrong, and tells all of it', async () => {
  await edit('collections/bench.yaml', 'limiting', 'limit');
  await edit('task-sequences/inventory.yaml', 'set-variable', 'set-variabel');
  const { code, err, out } = await run('apply');
  expect([code, out]).toEqual([1, '']);
  expect(err).toContain('collections/bench.yaml: ');
  expect(err).toContain('task-sequences/inventory.yaml: ');
  expect(err).toContain('[apply.refused]');
  expect(await audited()).toEqual([]);
});

it('wants each object in one file, and secrets to be there', async () => {
  await cp(join(folder, 'collections/retired.yaml'), join(folder, 'collections/twice.yaml'));
  await edit('collections/bench.yaml', 'variables:', 'secretVariables: [JoinPassword]\nvariables:');
  const { code, err } = await run('apply');
  expect(code).toBe(1);
  expect(err).toContain('[apply.twice]');
  expect(err).toContain('[apply.secret]');
  expect(await audited()).toEqual([]);
});

it('knows a variable whatever the case of its name', async () => {
  await run('apply');
  await edit('collections/bench.yaml', 'Site: Vienna', 'SITE: Graz');
  await run('apply');
  const { store } = site.services;
  const bench = await store.collections.find('Bench');
  if (bench === null) throw new Error('there is no collection');
  const kept = await store.variables.list({ kind: 'collection', id: bench.id });
  expect(kept.map(({ value }) => value)).toEqual(['Graz']);
  expect((await run('diff')).code).toBe(0);
});

it('does not turn what is offered into something else, and changes nothing beside', async () => {
  await run('apply');
  const changes = await audited();
  await edit('collections/bench.yaml', 'Vienna', 'Graz');
  await edit('deployments/inventory-bench.yaml', 'purpose: required', 'purpose: available');
  const { code, err } = await run('apply');
  expect([code, err]).toEqual([1, expect.stringContaining('[apply.purpose]')]);
  expect(await audited()).toEqual(changes);
});

it('M18 changes nothing while there is something to accept in a deployment, and tells all of it', async () => {
  const { store } = site.services;
  const { deployments } = await store.settings.get();
  await store.settings.change({ deployments: { ...deployments, defaultSize: 1 } });
  const disk = '{ disk: 0, partitions: [{ name: data, size: rest, fileSystem: ext4 }] }';
  await writeFile(
    join(folder, 'task-sequences/install.yaml'),
    `name: Install\nplatform: linux\nsteps:\n  - { step: Format, type: format-disk, params: ${disk} }\n`,
  );
  const rules = '[{ kind: direct, device: BENCH-01 }, { kind: direct, device: BENCH-02 }]';
  await writeFile(
    join(folder, 'collections/two.yaml'),
    `kind: collection\nname: Two\nrules: ${rules}\n`,
  );
  const file = join(folder, 'deployments/install.yaml');
  const wish = 'kind: deployment\nsequence: Install\ncollection: Two\npurpose: required\n';
  await writeFile(file, wish);
  // Also of who only reads.
  const asAuditor = ['--token-file', await auditorToken()];
  for (const argv of [['diff'], ['diff', ...asAuditor], ['apply']]) {
    const { code, err } = await run(...argv);
    expect(code).toBe(1);
    expect(err).toContain('deployments/install.yaml: "Install" to "Two": ');
    expect(err.match(/\[deployment\.\w+\]/g)).toEqual([
      '[deployment.unhide]',
      '[deployment.warnings]',
    ]);
    expect(err).toContain('unhide: true');
    expect(err).toContain('accepts: [size]');
  }
  expect(await audited()).toEqual(['token.create']);
  await writeFile(file, `${wish}unhide: true\naccepts: [size]\n`);
  expect(await run('apply')).toMatchObject({ code: 0, err: '' });
  expect(await store.deployments.list()).toHaveLength(2);
});

it('changes nothing while changed settings of a deployment would be refused', async () => {
  await run('apply');
  const changes = await audited();
  await edit('collections/bench.yaml', 'Vienna', 'Graz');
  await edit('deployments/inventory-bench.yaml', '2027-12-31', '2026-12-31');
  for (const command of ['diff', 'apply']) {
    const { code, err } = await run(command);
    expect([code, err.match(/\[deployment\.\w+\]/g)]).toEqual([1, ['[deployment.settings]']]);
    expect(err).toContain('deployments/inventory-bench.yaml: ');
  }
  expect(await audited()).toEqual(changes);
  await edit('deployments/inventory-bench.yaml', '2026-12-31', '2028-12-31');
  expect((await run('apply')).out).toContain('2 of 11 applied');
});

/** A file with a token of somebody who only reads. */
async function auditorToken(): Promise<string> {
  const file = join(folder, '.auditor');
  const { code, out } = await runHere(
    ['token', 'create', 'reads', '--role', 'auditor', '--read-only', ...server],
    { environment },
  );
  expect(code).toBe(0);
  await writeFile(file, out.trim());
  return file;
}
