import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openTestConsole, type TestConsole } from './test-console.ts';
import { noteContents } from './test-reset.ts';

let site: TestConsole;
let reset: () => Promise<void>;
beforeAll(async () => {
  site = await openTestConsole({ tls: false });
  await site.services.store.settings.change({ features: { childSequences: true } });
  reset = await noteContents(site);
});
afterEach(() => reset());
afterAll(() => site[Symbol.asyncDispose]());

async function call(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) {
  const answer = await site.app.inject({
    method,
    url: `/api/v1${path}`,
    headers: { authorization: `Bearer ${site.token}` },
    ...(body === undefined ? {} : { payload: body }),
  });
  return { status: answer.statusCode, body: answer.body === '' ? null : answer.json() };
}

type Step = Readonly<Record<string, unknown>>;
const apply = (image: object, more: Step = {}): Step => ({
  step: 'Apply the image',
  type: 'apply-image',
  params: { image, destination: 'next-available' },
  ...more,
});
const runs = (name: string, more: Step = {}): Step => ({
  step: `Run ${name}`,
  type: 'run-sequence',
  params: { sequence: { name } },
  ...more,
});
const say: Step = { step: 'Say', type: 'set-variable', params: { name: 'Said', value: '1' } };
const store = (name: string, steps: readonly Step[], more: object = {}) =>
  call('POST', '/sequences', { text: JSON.stringify({ name, steps }), format: 'json', ...more });
const addImage = (name: string) =>
  site.services.store.packages.add({ name, kind: 'os-image', objects: [], images: [] }, 1);
const deploy = (sequence: string) =>
  call('POST', '/deployments', { sequence, collection: 'Bench', purpose: 'available' });

describe('M15 a version with a broken reference', () => {
  it('is refused as ready with every step, field and candidate, and nothing is kept', async () => {
    await addImage('Windows 11');
    await store('Burn-in', [say]);
    const broken = [
      { group: 'Images', steps: [apply({ name: 'Windows 10' }), apply({ id: 'ABC00001' })] },
      runs('Burn in'),
      apply({ name: 'Nothing like it' }, { disabled: true }),
      { group: 'Off', disabled: true, steps: [runs('Nothing like it')] },
    ];
    const refused = await store('Install', broken);
    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({
      code: 'sequence.reference',
      message: expect.stringMatching(/^"Install" cannot be ready: .*"Windows 10".*\(and 2 more\)$/),
      problems: [
        {
          code: 'sequence.reference',
          path: 'steps[0].steps[0].params.image',
          step: 'Apply the image',
          field: 'image',
          candidates: ['Windows 11'],
        },
        { code: 'sequence.reference', path: 'steps[0].steps[1].params.image', candidates: [] },
        {
          code: 'sequence.child-missing',
          path: 'steps[1].params.sequence',
          step: 'Run Burn in',
          field: 'sequence',
          candidates: ['Burn-in'],
        },
      ],
    });
    expect((await call('GET', '/sequences/Install')).status).toBe(404);
  });

  it.each([
    { how: 'put right', step: apply({ name: 'Windows 11' }) },
    { how: 'removed', step: undefined },
    { how: 'in a disabled step', step: apply({ name: 'Gone' }, { disabled: true }) },
  ])('is ready once its reference is $how, in parent and child', async ({ step }) => {
    await addImage('Windows 11');
    await call('POST', '/collections', { name: 'Bench' });
    const mended = step === undefined ? [say] : [say, step];
    expect((await store('Child', [say, apply({ name: 'Gone' })])).status).toBe(409);
    await store('Child', [say, apply({ name: 'Gone' })], { draft: true });
    const parent = await store('Parent', [runs('Child'), apply({ name: 'Gone' })], { draft: true });
    expect(parent.body.problems.map(({ code }: { code: string }) => code)).toEqual([
      'sequence.reference',
      'sequence.child-draft',
    ]);
    expect((await store('Parent', [runs('Child'), ...mended])).body).toMatchObject({
      code: 'sequence.reference',
      problems: [{ code: 'sequence.child-draft', step: 'Run Child' }],
    });
    expect((await deploy('Parent')).body.code).toBe('deployment.broken-reference');

    expect((await store('Child', mended)).body).toMatchObject({ state: 'ready', problems: [] });
    const ready = await store('Parent', [runs('Child'), ...mended]);
    expect(ready.body).toMatchObject({ state: 'ready', version: 2, problems: [] });
    expect((await deploy('Parent')).status).toBe(200);
  });

  it('has problems when an object is gone later, and is deployed no more', async () => {
    await call('POST', '/collections', { name: 'Bench' });
    await store('Child', [say]);
    await store('Parent', [runs('Child')]);
    expect((await call('DELETE', '/sequences/Child')).body.code).toBe('sequence.in-use');
    // Nothing runs it while this draft is the newest; the version that is ready still does.
    await store('Parent', [say], { draft: true });
    expect((await call('DELETE', '/sequences/Child')).body.problems).toMatchObject([
      { message: expect.stringContaining('"Parent", version 1, runs it in step "Run Child"') },
    ]);
    await call('POST', '/sequences/Parent/ready', {});
    expect((await call('DELETE', '/sequences/child')).status).toBe(204);
    expect((await call('GET', '/sequences/Parent/versions/1')).body.problems).toMatchObject([
      { code: 'sequence.child-missing', path: 'steps[0].params.sequence' },
    ]);
    expect((await deploy('Parent')).status).toBe(200);
    expect((await call('DELETE', '/sequences/Parent')).body).toMatchObject({
      code: 'sequence.in-use',
      message: expect.stringMatching(/deployment MW1\w+ to "Bench"/),
    });
  });
});

describe('M15 a boot image that a document names', () => {
  const from = (name: string, bootImage: object, steps: readonly Step[] = [say]) =>
    call('POST', '/sequences', {
      text: JSON.stringify({ name, bootImage, steps }),
      format: 'json',
    });
  const add = (name: string, kind: 'os-image' | 'boot-image') =>
    site.services.store.packages.add({ name, kind, objects: [], images: [] }, 1);

  it('is there, and a boot image, or the version is not ready', async () => {
    await call('POST', '/collections', { name: 'Bench' });
    const image = await add('Bench PE', 'os-image');
    await add('Bench PE x64', 'boot-image');
    for (const wanted of [{ name: 'Bench PE' }, { id: image.id }, { name: 'Gone' }]) {
      const refused = await from('Install', wanted);
      expect(refused.status).toBe(409);
      expect(refused.body).toMatchObject({
        code: 'sequence.reference',
        problems: [{ code: 'sequence.reference', path: 'bootImage' }],
      });
    }
    expect((await from('Install', { name: 'Bench PE x46' })).body.problems).toMatchObject([
      { candidates: ['Bench PE x64'] },
    ]);
    await add('Bench PE', 'boot-image');
    expect((await from('Install', { name: 'bench pe' })).body).toMatchObject({
      state: 'ready',
      problems: [],
    });
    expect((await deploy('Install')).status).toBe(200);
  });

  it("M10 is the parent's alone", async () => {
    await call('POST', '/collections', { name: 'Bench' });
    await add('Bench PE', 'boot-image');
    await from('Child', { name: 'Bench PE' });
    await from('Parent', { name: 'Bench PE' }, [runs('Child')]);
    expect((await deploy('Parent')).body.problems).toMatchObject([
      { code: 'sequence.child-boot-image' },
    ]);
    await store('Child', [say]);
    expect((await deploy('Parent')).status).toBe(200);
  });
});

describe('M15 drafts', () => {
  it('change nothing for machines until they are ready', async () => {
    await call('POST', '/collections', { name: 'Bench' });
    await store('Install', [say]);
    const draft = await store('install', [apply({ name: 'Gone' })], { draft: true });
    expect(draft.body).toMatchObject({
      name: 'Install',
      version: 2,
      state: 'draft',
      readyVersion: 1,
      problems: [{ code: 'sequence.reference' }],
      deployProblems: [],
    });
    expect((await call('GET', '/sequences')).body).toEqual([draft.body]);
    expect((await deploy('Install')).status).toBe(200);

    const refused = await call('POST', '/sequences/Install/ready', {});
    expect([refused.status, refused.body.code]).toEqual([409, 'sequence.reference']);
    expect((await call('GET', '/sequences')).body).toEqual([draft.body]);
    await addImage('Gone');
    const ready = await call('POST', '/sequences/Install/ready', { baseVersion: 2 });
    expect(ready.body).toMatchObject({ name: 'install', state: 'ready', readyVersion: 2 });
    expect((await call('POST', '/sequences/Install/ready', {})).body).toEqual(ready.body);
    const versions = await call('GET', '/sequences/Install/versions');
    expect(versions.body).toMatchObject([
      { version: 2, state: 'ready' },
      { version: 1, state: 'ready' },
    ]);
  });

  it('run themselves in a circle, and are not ready', async () => {
    const self = await store('Self', [runs('self')], { draft: true });
    expect(self.body.problems).toMatchObject([{ code: 'sequence.child-cycle' }]);
    expect((await call('POST', '/sequences/Self/ready', {})).body.code).toBe(
      'sequence.child-cycle',
    );
  });

  it('are shown with their text as it was written, each version', async () => {
    const text = '# Why we do this\nname: Install\nsteps:\n  - { group: Empty, steps: [] }\n';
    await call('POST', '/sequences', { text, format: 'yaml' });
    await store('Install', [say], { draft: true });
    expect((await call('GET', '/sequences/INSTALL')).body).toMatchObject({
      version: 2,
      state: 'draft',
      readyVersion: 1,
      format: 'json',
      document: { name: 'Install', steps: [say] },
    });
    const first = await call('GET', '/sequences/install/versions/1');
    expect(first.body).toMatchObject({ version: 1, newestVersion: 2, format: 'yaml', text });
    const none = await call('GET', '/sequences/install/versions/3');
    expect([none.status, none.body.code]).toEqual([404, 'sequence.version-not-found']);
    expect((await call('GET', '/sequences/instal')).body).toMatchObject({
      code: 'sequence.not-found',
      hint: 'did you mean "Install"?',
    });
  });
});

describe('M15 two people at one sequence', () => {
  it('lose nothing: who comes second is told', async () => {
    await store('Install', [say], { baseVersion: 0 });
    expect((await store('Install', [say, say], { baseVersion: 1 })).body.version).toBe(2);
    const second = await store('Install', [say], { baseVersion: 1, draft: true });
    expect(second.status).toBe(409);
    expect(second.body).toMatchObject({
      code: 'sequence.version-conflict',
      message: expect.stringContaining(
        'has version 2, and what was sent was changed from version 1',
      ),
    });
    expect((await store('Install', [say], { baseVersion: 0 })).body.code).toBe(
      'sequence.version-conflict',
    );
    expect((await store('Other', [say], { baseVersion: 3 })).body.message).toContain(
      'is not there',
    );
    expect((await call('GET', '/sequences/Install')).body.document.steps).toHaveLength(2);
  });
});

describe('M15 what this version does not have', () => {
  it('a step without an action is kept ready, and stops the deployment until it is disabled', async () => {
    await call('POST', '/collections', { name: 'Bench' });
    const later = { step: 'Prepare', type: 'install-updates' };
    expect((await store('Later', [later])).body).toMatchObject({
      state: 'ready',
      problems: [{ code: 'step.later', path: 'steps[0]', step: 'Prepare' }],
    });
    const refused = await deploy('Later');
    expect(refused.body).toMatchObject({
      code: 'deployment.broken-reference',
      problems: [{ code: 'step.later' }],
    });
    await store('Later', [say, { ...later, disabled: true }]);
    expect((await deploy('Later')).status).toBe(200);
  });

  it('a package is no application, whatever it is called, unless its step is disabled', async () => {
    await site.services.store.packages.add(
      { name: 'Office', kind: 'package', objects: [], images: [] },
      1,
    );
    const params = { applications: [{ name: 'Office' }] };
    const install = { step: 'Apps', type: 'install-application', params };
    expect((await store('Apps', [install])).body).toMatchObject({
      code: 'sequence.reference',
      problems: [{ step: 'Apps', field: 'applications[0]', candidates: [] }],
    });
    expect((await store('Apps', [say, { ...install, disabled: true }])).body).toMatchObject({
      state: 'ready',
      problems: [],
    });
  });
});
