import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PackageId } from '#agent/protocol/identity.ts';
import { testBootImageFacts } from '#boot/boot-image-facts.testing.ts';
import { noteContents } from '../http/routes/operator/test-reset.ts';
import { readSimulation } from './test-simulation.ts';
import { openTestSite, type TestArchiveSite } from './test-site.ts';

let from: TestArchiveSite;
let to: TestArchiveSite;
let empty: () => Promise<void>;
let gold: PackageId;
beforeAll(async () => {
  from = await openTestSite();
  gold = await fill(from);
  to = await openTestSite();
  empty = await noteContents(to.console);
});
afterEach(() => empty());
afterAll(async () => {
  await from[Symbol.asyncDispose]();
  await to[Symbol.asyncDispose]();
});

const child = `# Tests that every machine has to pass
name: Burn-in
steps:
  - step: Memory # takes an hour
    type: run-command
    params:
      commandLine: memtest %Passes%
      package: { name: tools }
`;
const parent = (image: string) => `# By the bench team
name: Install
steps:
  - step: Burn-in
    type: run-sequence
    params: { sequence: { name: burn-in } }
  - step: Lay it down
    type: apply-image
    params:
      image: ${image} # the one of this quarter
      destination: { disk: 0, partition: 1 }
`;

/** A sequence with a child, an image and a package. */
async function fill(site: TestArchiveSite): Promise<PackageId> {
  await site.addPackage({ name: 'Tools' }, { 'memtest.sh': 'echo ok', 'data/empty': '' });
  const { id } = await site.addPackage({ name: 'Gold', kind: 'os-image' }, { 'image.wim': 'WIM' });
  await site.store(child);
  await site.store(parent(`{ id: ${id} }`));
  return id;
}
const filesOf = async (site: TestArchiveSite) => {
  const { store } = site.console.services;
  const all = [...(await store.packages.list('package')), ...(await store.packages.images())];
  return await Promise.all(
    all.map(async ({ id, name, kind, version }) => {
      const bytes = await store.packages.manifest(id);
      const { objects, images } = JSON.parse(new TextDecoder().decode(bytes ?? new Uint8Array()));
      return { id, name, kind, version, objects, images };
    }),
  );
};

describe('M24 an archive with content', () => {
  it('makes the same of an empty server: texts, ids, content, and what a run would do', async () => {
    const archive = await from.export(['Install'], 'content');
    expect(archive.sequences.map(({ name, asked, file }) => [name, asked, file])).toEqual([
      ['Install', true, 'sequences/Install.yaml'],
      ['Burn-in', false, 'sequences/Burn-in.yaml'],
    ]);
    const done = await to.import(archive.file);
    expect(done.sequences.map(({ what, state, problems }) => [what, state, problems])).toEqual([
      ['create', 'ready', []],
      ['create', 'ready', []],
    ]);
    for (const name of ['Install', 'Burn-in']) {
      const { text, id, document } = await from.detail(name);
      expect(await to.detail(name)).toMatchObject({ text, id, document, state: 'ready' });
    }
    expect(await filesOf(to)).toEqual(await filesOf(from));
    const { content } = to.console.services;
    for (const { objects } of await filesOf(to))
      for (const { sha256, sizeBytes } of objects)
        expect((await content.file(sha256)).sizeBytes).toBe(sizeBytes);
    expect(await readSimulation(to, 'Install')).toEqual(await readSimulation(from, 'Install'));
  });

  it('is the same, byte for byte, each time that it is made', async () => {
    const first = await from.export(['Install', 'Burn-in'], 'content', join(from.directory, 'a'));
    const again = await from.export(['Install', 'Burn-in'], 'content', join(from.directory, 'b'));
    expect(await readFile(again.file)).toEqual(await readFile(first.file));
  });

  it('sends no content that is there already', async () => {
    await to.addPackage({ name: 'Other' }, { 'x.sh': 'echo ok', y: 'WIM', z: '' });
    const { file } = await from.export(['Install'], 'objects');
    const done = await to.import(file);
    expect(done.packages.map(({ what }) => what)).toEqual(['create', 'create']);
    expect(done.sequences.map(({ state }) => state)).toEqual(['ready', 'ready']);
  });
});

describe('M24 the boot image of a document', () => {
  it('comes along, and the document names it as it is there', async () => {
    const filesWith = (wim: string) => ({
      'boot.wim': wim,
      'boot-image.json': JSON.stringify(testBootImageFacts()),
    });
    const wish = { name: 'Bench PE', kind: 'boot-image' } as const;
    const { id } = await from.addPackage(wish, filesWith('WIM'));
    await from.store({ name: 'Start', bootImage: { id, name: 'Bench PE' }, steps: [say] });
    const { file } = await from.export(['Start'], 'content');
    await to.addPackage({ ...wish, name: 'bench pe' }, filesWith('another'));
    const done = await to.import(file, 'create');
    expect(done.packages).toMatchObject([{ what: 'create', name: 'Bench PE (2)' }]);
    expect(done.sequences).toMatchObject([{ state: 'ready', problems: [] }]);
    expect((await to.detail('Start')).document).toMatchObject({
      bootImage: { id: done.packages[0]?.id, name: 'Bench PE (2)' },
    });
  });
});

describe('M24 an archive where names or ids are taken', () => {
  it('create: makes new ones under free names, and its references follow', async () => {
    const { file } = await from.export(['Install'], 'content');
    await to.store({ name: 'Takes the first id', steps: [say] });
    await to.addPackage({ name: 'GOLD', kind: 'os-image' }, { 'image.wim': 'another' });
    await to.addPackage({ name: 'Tools' }, { 'memtest.sh': 'echo another' });
    await to.store(child.replaceAll('an hour', 'a day'));
    const done = await to.import(file, 'create');
    expect(done.packages.map(({ what, name }) => `${what} ${name}`).toSorted()).toEqual([
      'create Gold (2)',
      'create Tools (2)',
    ]);
    expect(done.sequences.map(({ what, name, state }) => [what, name, state])).toEqual([
      ['create', 'Install', 'ready'],
      ['create', 'Burn-in (2)', 'ready'],
    ]);
    // Everything else is as somebody wrote it.
    expect((await to.detail('Burn-in (2)')).text).toBe(
      child.replace('name: Burn-in', 'name: "Burn-in (2)"').replace('tools }', '"Tools (2)" }'),
    );
    const gold = done.packages.find(({ name }) => name === 'Gold (2)');
    expect((await to.detail('Install')).text).toBe(
      parent('{ "name": "Gold (2)" }').replace('name: burn-in', 'name: "Burn-in (2)"'),
    );
    expect(gold?.id).toMatch(/^MW1/);
    expect((await to.detail('Burn-in')).text).toContain('a day');
  });

  it('ignore: keeps what is there, and links to it', async () => {
    const { file } = await from.export(['Install'], 'content');
    const other = PackageId.parse('OTHER001');
    await to.addPackage({ name: 'GOLD', kind: 'os-image', id: other }, { 'image.wim': 'another' });
    await to.store({ name: 'Burn-in', steps: [say] });
    const done = await to.import(file, 'ignore');
    expect(done.sequences.map(({ what, name }) => [what, name])).toEqual([
      ['create', 'Install'],
      ['ignore', 'Burn-in'],
    ]);
    // What only an ignored sequence needs does not come.
    expect(done.packages).toMatchObject([{ what: 'use', name: 'GOLD', id: other }]);
    expect((await to.detail('Install')).text).toBe(parent('{ id: "OTHER001" }'));
    expect(await to.detail('Burn-in')).toMatchObject({ version: 1, document: { steps: [say] } });
  });

  it('overwrite: makes new versions, which machines get, and is the same the second time', async () => {
    const { file } = await from.export(['Install'], 'content');
    await to.addPackage({ name: 'Gold', kind: 'os-image' }, { 'image.wim': 'another' });
    await to.store({ name: 'burn-in', steps: [say] });
    const done = await to.import(file, 'overwrite');
    expect(done.packages.map(({ what, name }) => `${what} ${name}`).toSorted()).toEqual([
      'create Tools',
      'overwrite Gold',
    ]);
    expect(done.sequences.map(({ what, version, state }) => [what, version, state])).toEqual([
      ['create', 1, 'ready'],
      ['overwrite', 2, 'ready'],
    ]);
    const again = await to.import(file, 'overwrite');
    expect(again.packages.map(({ what }) => what)).toEqual(['use', 'use']);
    expect(again.sequences.map(({ version }) => version)).toEqual([2, 3]);
  });
});

describe('M24 an archive without content', () => {
  it.each(['nothing', 'objects'] as const)(
    'with %s: finds by name what is there, and lists what is not',
    async (scope) => {
      const { file } = await from.export(['Install'], scope);
      // Another image has the id that the archive's has: it is not the one that is meant.
      await to.addPackage({ name: 'Something else', kind: 'os-image', id: gold }, { a: 'b' });
      await to.addPackage({ name: 'tools' }, { 'memtest.sh': 'echo other' });
      const done = await to.import(file);
      expect(done.packages.map(({ archived, what }) => `${archived} ${what}`).toSorted()).toEqual([
        'Gold missing',
        'Tools use',
      ]);
      expect(done.sequences).toMatchObject([
        {
          name: 'Install',
          state: 'draft',
          problems: [{ code: 'sequence.reference', path: 'steps[1].params.image' }],
        },
        { name: 'Burn-in', state: 'ready', problems: [] },
      ]);
      expect((await to.detail('Install')).text).toBe(parent('{ "name": "Gold" }'));
    },
  );

  it('keeps drafts, and lists what led nowhere when it was made', async () => {
    const text = parent('{ name: Gone }').replace('burn-in', 'Nowhere');
    await from.store(text.replace('Install', 'Broken'), { draft: true });
    const { file, missing } = await from.export(['Broken'], 'content');
    expect(missing.map(({ wanted, path }) => [wanted, path])).toEqual([
      ['Nowhere', 'steps[0].params.sequence'],
      ['Gone', 'steps[1].params.image'],
    ]);
    const done = await to.import(file);
    expect(done.sequences).toMatchObject([{ state: 'draft', problems: [{}, {}] }]);
  });

  it('has the version that machines get, not a newer draft', async () => {
    await from.store({ name: 'Changed', steps: [say] });
    await from.store({ name: 'Changed', steps: [say, say] }, { draft: true });
    const { file, sequences } = await from.export(['Changed'], 'nothing');
    expect(sequences).toMatchObject([{ version: 1, state: 'ready' }]);
    await to.import(file);
    expect(await to.detail('Changed')).toMatchObject({ document: { steps: [say] } });
  });
});

const say = { step: 'Say', type: 'set-variable', params: { name: 'Said', value: '1' } };
