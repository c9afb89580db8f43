import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ContentObject } from '#agent/protocol/content.ts';
import { openTestConsole, type TestConsole } from './test-console.ts';

let site: TestConsole;
beforeAll(async () => {
  site = await openTestConsole({ tls: false });
});
afterAll(() => site[Symbol.asyncDispose]());

async function call(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, payload?: object) {
  const headers = { authorization: `Bearer ${site.token}` };
  const url = `/api/v1${path}`;
  const answer = await site.app.inject({
    method,
    url,
    headers,
    ...(payload === undefined ? {} : { payload }),
  });
  return { status: answer.statusCode, body: answer.json() };
}
const file = (digit: string) =>
  ContentObject.parse({
    path: 'setup.exe',
    sizeBytes: 1,
    sha256: digit.repeat(64),
    chunks: [digit.repeat(64)],
  });
const addPackage = async (name: string, digit = 'a') =>
  (
    await site.services.store.packages.add(
      { name, kind: 'package', objects: [file(digit)], images: [] },
      1,
    )
  ).id;
const type = (more: object = {}) => ({
  name: 'Setup',
  install: 'setup.exe /S',
  detection: { condition: { kind: 'file', path: 'C:\\x.exe' } },
  ...more,
});
const application = (name: string, more: object = {}) => ({
  name,
  deploymentTypes: [type()],
  ...more,
});
const check = async (step: object) => {
  const text = JSON.stringify({ name: 'Check', steps: [{ step: 'S', ...step }] });
  const { body } = await call('POST', '/sequences/check', { text });
  return body.problems.map(({ code }: { code: string }) => code);
};
const installApplication = (name: string) => ({
  type: 'install-application',
  params: { applications: [{ name }] },
});
const installPackage = (name: string, program: string) => ({
  type: 'install-package',
  params: { package: { name }, program },
});

describe('M34 programs of a package', () => {
  it('are set by name, stay when its files change, and make a new version', async () => {
    const id = await addPackage('Tools');
    const setup = { name: 'Setup', commandLine: 'setup.exe /S' };
    expect((await call('PUT', `/packages/${id}/programs`, setup)).body).toMatchObject([
      { ...setup, successCodes: [0], rebootCodes: [3010, 1641], maxRunMinutes: 120 },
    ]);
    await call('PUT', `/packages/${id}/programs`, { ...setup, name: 'SETUP', maxRunMinutes: 5 });
    await call('PUT', `/packages/${id}/programs`, { ...setup, name: 'Repair' });
    await addPackage('Tools', 'b');
    const manifest = (await call('GET', `/packages/${id}/manifest`)).body;
    expect(manifest).toMatchObject({ version: 5, objects: [{ sha256: 'b'.repeat(64) }] });
    expect((await call('GET', `/packages/${id}/programs`)).body).toMatchObject([
      { name: 'Repair' },
      { name: 'SETUP', maxRunMinutes: 5 },
    ]);
    expect((await call('DELETE', `/packages/${id}/programs/repair`)).body).toHaveLength(1);
    expect((await call('DELETE', `/packages/${id}/programs/repair`)).body.code).toBe(
      'program.not-found',
    );
    expect((await call('GET', '/packages/MW1FFFFF/programs')).status).toBe(404);
    expect((await call('PUT', `/packages/${id}/programs`, { name: 'x' })).status).toBe(400);
  });

  it('M15 are held against the steps that name them', async () => {
    const id = await addPackage('Office');
    const put = (program: object) => call('PUT', `/packages/${id}/programs`, program);
    await put({ name: 'Silent', commandLine: 'a.exe' });
    await put({ name: 'By a user', commandLine: 'a.exe', runAs: 'user' });
    expect(await check(installPackage('Office', 'silent'))).toEqual([]);
    expect(await check(installPackage('Office', '%Which%'))).toEqual([]);
    expect(await check(installPackage('Office', 'Loud'))).toEqual(['program.unknown']);
    expect(await check(installPackage('Office', 'By a user'))).toEqual(['program.not-allowed']);
    expect(await check(installPackage('Nothing', 'Silent'))).toEqual(['sequence.reference']);
  });
});

describe('M34 applications', () => {
  it('are documents with revisions, whose references are kept by id', async () => {
    const files = await addPackage('Mail files');
    const runtime = (await call('POST', '/applications', application('Runtime'))).body;
    expect(runtime).toMatchObject({ name: 'Runtime', revision: 1, retired: false, refusal: null });
    const mail = application('Mail', {
      softwareVersion: '5.1',
      deploymentTypes: [
        type({
          content: { name: 'mail FILES' },
          dependencies: [{ anyOf: [{ application: { name: 'Runtime' } }] }],
        }),
      ],
    });
    await call('POST', '/applications', mail);
    expect((await call('POST', '/applications', mail)).body.revision).toBe(2);
    const shown = (await call('GET', '/applications/mail')).body;
    expect(shown.application.deploymentTypes[0]).toMatchObject({
      content: { id: files, name: 'Mail files' },
      dependencies: [{ anyOf: [{ application: { id: runtime.id }, install: true }] }],
    });
    expect((await call('GET', '/applications')).body).toMatchObject([
      { name: 'Mail', softwareVersion: '5.1' },
      { name: 'Runtime' },
    ]);
  });

  it.each([
    [{ ...application('A'), deploymentTypes: [] }, 400, 'request.invalid'],
    [
      application('A', { deploymentTypes: [type({ content: { name: 'No such' } })] }),
      400,
      'application.reference',
    ],
    [
      application('A', { deploymentTypes: [type({ detection: { condition: { kind: 'x' } } })] }),
      400,
      'request.invalid',
    ],
    [
      application('A', { supersedes: [{ application: { name: 'No such' } }] }),
      400,
      'application.reference',
    ],
  ])('refuses %j', async (document, status, code) => {
    const { status: answered, body } = await call('POST', '/applications', document);
    expect([answered, body.code]).toEqual([status, code]);
  });

  it('M15 are held against the steps that name them; a package of that name is none', async () => {
    await addPackage('Browser');
    expect(await check(installApplication('Browser'))).toEqual(['sequence.reference']);
    await call('POST', '/applications', application('Browser'));
    expect(await check(installApplication('Browser'))).toEqual([]);
    expect(await check(installPackage('Browser', 'x'))).toEqual(['program.unknown']);
    const retired = await call('POST', '/applications/Browser/retire', {});
    expect(retired.body).toMatchObject({ retired: true, revision: 2, refusal: 'it is retired' });
    expect(await check(installApplication('Browser'))).toEqual(['application.not-allowed']);
    await call('POST', '/applications/Browser/retire', { retired: false });
    expect(await check(installApplication('Browser'))).toEqual([]);
    expect((await call('POST', '/applications/None/retire', {})).body.code).toBe(
      'application.not-found',
    );
  });
});
