import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openTestConsole, type TestConsole } from '../http/routes/operator/test-console.ts';
import { runHere } from './testing/run-here.ts';

const example = join(import.meta.dirname, '../../docs/examples/site');
let site: TestConsole;
let folder: string;
let server: string[];
beforeEach(async () => {
  site = await openTestConsole({ tls: true });
  server = ['--server', await site.listen(), '--data', site.dataDirectory];
  folder = await mkdtemp(join(tmpdir(), 'metalwright-apply-'));
  await cp(example, folder, { recursive: true });
});
afterEach(async () => {
  await site[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const run = (...argv: string[]) => runHere([...argv, '-f', folder, ...server], {});

async function edit(file: string, from: string, to: string): Promise<void> {
  const path = join(folder, file);
  await writeFile(path, (await readFile(path, 'utf8')).replace(from, to));
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
  expect(first.out).toContain('4 of 4 applied, 0 the same as before');
  const changes = await audited();
  const second = await run('apply');
  expect([second.code, second.out]).toEqual([0, '0 of 4 applied, 4 the same as before\n']);
  expect(await audited()).toEqual(changes);
  expect(await run('diff')).toMatchObject({ code: 0, out: '', err: '' });
  const { store } = site.services;
  const bench = await store.collections.find('Bench');
  expect(bench).toMatchObject({ precedence: 5 });
  expect((await store.deployments.list()).map(({ collectionId }) => collectionId)).toEqual([
    bench?.id,
  ]);
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
  expect((await run('apply')).out).toContain('2 of 4 applied, 2 the same as before');
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
  await edit('deployments/inventory-bench.yaml', 'available', 'required');
  const { code, err } = await run('apply');
  expect([code, err]).toEqual([1, expect.stringContaining('[apply.purpose]')]);
  expect(await audited()).toEqual(changes);
});
