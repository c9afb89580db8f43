import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ContentManifest } from '#agent/protocol/content.ts';
import { PackageId } from '#agent/protocol/identity.ts';
import { Application } from '#agent/sequence/application.ts';
import { FilePackageView } from '../http/api-packages.ts';
import { ApplicationDetail, ApplicationView, ProgramView } from '../http/api-software.ts';
import { noteContents } from '../http/routes/operator/test-reset.ts';
import { exportArchive } from './export-archive.ts';
import type { ExportSite } from './site.ts';
import { fakeExportSite } from './test-fake-site.ts';
import { openTestSite, type TestArchiveSite } from './test-site.ts';

let from: TestArchiveSite;
let to: TestArchiveSite;
let empty: () => Promise<void>;
beforeAll(async () => {
  from = await openTestSite();
  await fill(from);
  to = await openTestSite();
  empty = await noteContents(to.console);
});
afterEach(() => empty());
afterAll(async () => {
  await from[Symbol.asyncDispose]();
  await to[Symbol.asyncDispose]();
});

const application = (name: string, type: object = {}, more: object = {}) => ({
  name,
  deploymentTypes: [
    { name: 'Script', install: `install ${name}`, detection: { script: `find ${name}` }, ...type },
  ],
  ...more,
});
const addApplication = (site: TestArchiveSite, document: object) =>
  site.api.call('POST', '/applications', ApplicationView, { json: document });
const idOf = async (site: TestArchiveSite, name: string) => {
  const all = await site.api.call('GET', '/packages', z.array(FilePackageView));
  return all.find((each) => each.name === name)?.id ?? '';
};
const setProgram = async (site: TestArchiveSite, of: string, program: object) =>
  site.api.call('PUT', `/packages/${await idOf(site, of)}/programs`, z.array(ProgramView), {
    json: program,
  });
const shown = (site: TestArchiveSite, name: string) =>
  site.api.call('GET', `/applications/${encodeURIComponent(name)}`, ApplicationDetail);
const programsOf = async (site: TestArchiveSite, name: string) =>
  site.api.call('GET', `/packages/${await idOf(site, name)}/programs`, z.array(ProgramView));

const mail = application(
  'Mail',
  {
    content: { name: 'Mail files' },
    dependencies: [{ anyOf: [{ application: { name: 'Runtime' } }] }],
    requirements: [{ condition: { kind: 'file', path: '/etc/os-release' } }],
  },
  { supersedes: [{ application: { name: 'Old mail' }, uninstall: true }] },
);
const sequence = {
  name: 'Software',
  steps: [
    {
      step: 'Mail',
      type: 'install-application',
      params: { applications: [{ name: 'Mail' }] },
    },
    {
      step: 'Office',
      type: 'install-package',
      params: { package: { name: 'Office' }, program: 'Silent' },
    },
  ],
};

/** A sequence with an application that leads to others, and a program that runs one of another package first. */
async function fill(site: TestArchiveSite): Promise<void> {
  for (const name of ['Mail files', 'Runtime files', 'Office', 'Runtimes'])
    await site.addPackage({ name }, { 'setup.sh': `install ${name}` });
  await addApplication(site, application('Runtime', { content: { name: 'Runtime files' } }));
  await addApplication(site, application('Old mail', { uninstall: 'remove it' }));
  await addApplication(site, mail);
  await setProgram(site, 'Runtimes', { name: 'x64', commandLine: 'runtimes' });
  await setProgram(site, 'Office', {
    name: 'Silent',
    commandLine: 'setup /S',
    runFirst: { package: { name: 'Runtimes' }, program: 'x64' },
  });
  await site.store(sequence);
}

type Imported = Awaited<ReturnType<TestArchiveSite['import']>>;
const outcome = ({ packages }: Imported) =>
  packages
    .map(({ kind, archived, what, name }) => `${kind} ${archived} ${what} ${name}`)
    .toSorted();

describe('M24 an archive with applications and programs', () => {
  it('makes the same of an empty server: what they lead to comes along', async () => {
    const archive = await from.export(['Software'], 'content');
    expect(archive).toMatchObject({ formatVersion: 2, missing: [] });
    const done = await to.import(archive.file);
    expect(outcome(done)).toEqual(
      [
        'application Mail create Mail',
        'application Old mail create Old mail',
        'application Runtime create Runtime',
        'package Mail files create Mail files',
        'package Office create Office',
        'package Runtime files create Runtime files',
        'package Runtimes create Runtimes',
      ].toSorted(),
    );
    expect(done.sequences).toMatchObject([{ state: 'ready', problems: [] }]);
    for (const name of ['Mail', 'Runtime', 'Old mail']) {
      const { id, application: document, revision } = await shown(to, name);
      expect(await shown(from, name)).toMatchObject({ id, application: document });
      expect(revision).toBe(1);
    }
    for (const name of ['Office', 'Runtimes'])
      expect(await programsOf(to, name)).toEqual(await programsOf(from, name));
    // Again: all is there as it is.
    for (const rule of ['create', 'overwrite'] as const)
      expect((await to.import(archive.file, rule)).packages.map(({ what }) => what)).toEqual(
        Array(7).fill('use'),
      );
    expect((await shown(to, 'Mail')).revision).toBe(1);
  });

  it('is of the first format where it has none, for older versions to read', async () => {
    await from.store({
      name: 'None',
      steps: [{ step: 'Say', type: 'set-variable', params: { name: 'Said', value: '1' } }],
    });
    expect(await from.export(['None'], 'content')).toMatchObject({ formatVersion: 1 });
  });

  it('create: one that leads to something else here is a new one, and its references follow', async () => {
    const { file } = await from.export(['Software'], 'content');
    await fill(to);
    await to.addPackage({ name: 'Mail files' }, { 'setup.sh': 'of this site' });
    await setProgram(to, 'Runtimes', { name: 'x64', commandLine: 'of this site' });
    const done = await to.import(file, 'create');
    expect(outcome(done)).toEqual(
      [
        'application Mail create Mail (2)',
        'application Old mail use Old mail',
        'application Runtime use Runtime',
        'package Mail files create Mail files (2)',
        'package Office use Office',
        'package Runtime files use Runtime files',
        'package Runtimes create Runtimes (2)',
      ].toSorted(),
    );
    const made = Application.parse((await shown(to, 'Mail (2)')).application);
    const files = done.packages.find(({ name }) => name === 'Mail files (2)');
    expect(made.deploymentTypes[0]?.content).toEqual({ id: files?.id, name: 'Mail files (2)' });
    const { id: runtime } = await shown(to, 'Runtime');
    expect(made.deploymentTypes[0]?.dependencies[0]?.anyOf[0]?.application.id).toBe(runtime);
    expect((await to.detail('Software (2)')).document).toMatchObject({
      steps: [{ params: { applications: [{ name: 'Mail (2)' }] } }, {}],
    });
  });

  it('overwrite: changes what is there; ignore: uses it, and what it leads to does not come', async () => {
    const { file } = await from.export(['Software'], 'content');
    await addApplication(to, application('MAIL'));
    const kept = await to.import(file, 'ignore');
    expect(outcome(kept)).toEqual([
      'application Mail use MAIL',
      'package Office create Office',
      'package Runtimes create Runtimes',
    ]);
    expect(kept.sequences).toMatchObject([{ state: 'ready' }]);
    await setProgram(to, 'Office', { name: 'Silent', commandLine: 'of this site' });
    const done = await to.import(file, 'overwrite');
    expect(outcome(done)).toEqual(
      [
        'application Mail overwrite MAIL',
        'application Old mail create Old mail',
        'application Runtime create Runtime',
        'package Mail files create Mail files',
        'package Office overwrite Office',
        'package Runtime files create Runtime files',
        'package Runtimes use Runtimes',
      ].toSorted(),
    );
    expect(await shown(to, 'mail')).toMatchObject({
      revision: 2,
      application: { deploymentTypes: [{ install: 'install Mail' }] },
    });
    const { id } = await to.addPackage({ name: 'Runtimes' }, { 'setup.sh': 'install Runtimes' });
    expect(await programsOf(to, 'Office')).toMatchObject([
      { commandLine: 'setup /S', runFirst: { package: { id } } },
    ]);
  });

  it('takes in applications that lead to each other', async () => {
    await addApplication(from, application('One'));
    const other = { application: { name: 'One' }, uninstall: false };
    await addApplication(from, application('Two', {}, { supersedes: [other] }));
    const needs = { dependencies: [{ anyOf: [{ application: { name: 'Two' } }] }] };
    await addApplication(from, application('One', needs));
    await from.store({
      name: 'Circle',
      steps: [
        { step: 'A', type: 'install-application', params: { applications: [{ name: 'Two' }] } },
      ],
    });
    const { file } = await from.export(['Circle'], 'objects');
    await addApplication(to, application('Takes an id'));
    const done = await to.import(file);
    expect(outcome(done)).toEqual(['application One create One', 'application Two create Two']);
    const [one, two] = [await shown(to, 'One'), await shown(to, 'Two')];
    expect(JSON.stringify(one.application)).toContain(two.id);
    expect(JSON.stringify(two.application)).toContain(one.id);
    expect((await to.import(file)).packages.map(({ what }) => what)).toEqual(['use', 'use']);
  });

  it('says what is missing where not all that one needs can be had, and keeps nothing of it', async () => {
    const { file } = await from.export(['Software'], 'objects');
    await to.addPackage(
      { name: 'x' },
      { 'setup.sh': 'install Office', b: 'install Runtime files' },
    );
    const done = await to.import(file);
    expect(outcome(done)).toEqual(
      [
        'application Mail missing Mail',
        'application Old mail create Old mail',
        'application Runtime create Runtime',
        'package Mail files missing Mail files',
        'package Office create Office',
        'package Runtime files create Runtime files',
        'package Runtimes missing Runtimes',
      ].toSorted(),
    );
    const office = done.packages.find(({ name }) => name === 'Office');
    expect(office?.leftOut).toEqual(['Silent']);
    expect(await programsOf(to, 'Office')).toEqual([]);
    const [kept] = done.sequences;
    expect(kept?.state).toBe('draft');
    expect(kept?.problems.map(({ code }) => code)).toEqual([
      'sequence.reference',
      'program.unknown',
    ]);
    // With names alone nothing comes, and what is there is found.
    const { file: names } = await from.export(['Software'], 'nothing');
    expect(outcome(await to.import(names))).toEqual([
      'application Mail missing Mail',
      'package Office use Office',
    ]);
  });

  it('refuses one that is not understood, with its place', async () => {
    const text = JSON.stringify({ name: 'Install', steps: [sequence.steps[0]] });
    const plain = fakeExportSite(text, {});
    const { id, ...head } = { id: PackageId.parse('MW100002'), name: 'Mail', version: 1 };
    const kind = 'application' as const;
    const newer = { ...application('Mail'), deploymentTypes: [{ name: 'Of tomorrow' }] };
    const site: ExportSite = {
      ...plain,
      packages: async () => [{ id, ...head, kind }],
      document: async (of) => ({ ...(await plain.document(of)), format: 'json' }),
      manifest: async () =>
        ContentManifest.parse({ ...head, packageId: id, kind, objects: [], application: newer }),
    };
    const file = join(from.directory, 'newer.zip');
    const { signal } = new AbortController();
    await exportArchive(site, await site.sequences(), { file, scope: 'objects', signal });
    await expect(to.import(file)).rejects.toMatchObject({
      code: 'archive.manifest',
      message: expect.stringContaining(`packages/${id}/manifest.json`),
    });
  });

  it('keeps all or nothing: an id that is taken meanwhile refuses the whole batch', async () => {
    const made = application('New');
    const id = PackageId.parse('MINE0001');
    await to.addPackage({ name: 'Has it', id }, { a: 'b' });
    const json = { packages: [], applications: [{ application: made, baseVersion: 0, id }] };
    const bytes = Buffer.from(JSON.stringify({ ...json, sequences: [] }));
    const body = { stream: Readable.from([bytes]), sizeBytes: bytes.length };
    await expect(to.api.call('POST', '/sequences/batch', z.unknown(), body)).rejects.toMatchObject({
      code: 'package.exists',
    });
    await expect(shown(to, 'New')).rejects.toMatchObject({ code: 'application.not-found' });
  });
});
