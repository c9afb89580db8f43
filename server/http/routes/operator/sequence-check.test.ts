import { afterAll, beforeAll, expect, it } from 'vitest';
import type { MachineArchitecture } from '#agent/protocol/identity.ts';
import { openTestConsole, type TestConsole } from './test-console.ts';

let site: TestConsole;
beforeAll(async () => {
  site = await openTestConsole({ tls: false });
});
afterAll(() => site[Symbol.asyncDispose]());

async function call(path: string, body: object) {
  const answer = await site.app.inject({
    method: 'POST',
    url: `/api/v1${path}`,
    headers: { authorization: `Bearer ${site.token}` },
    payload: body,
  });
  return { status: answer.statusCode, body: answer.json() };
}

/** A new version of a boot image, as its package says what it is. */
async function bootImage(architecture: MachineArchitecture, components?: readonly string[]) {
  const windows = {
    edition: 'WindowsPE',
    installationType: 'WindowsPE',
    productType: 'WinNT',
    version: '10.0.26100.1',
    languages: ['en-US'],
    ...(components === undefined ? {} : { components: [...components] }),
  };
  const image = { index: 1, name: 'PE', architecture, totalBytes: 0, kind: 'windows' as const };
  await site.services.store.packages.add(
    { name: 'PE', kind: 'boot-image', objects: [], images: [{ ...image, windows }] },
    1,
  );
}
const document = {
  name: 'Scripted',
  bootImage: { name: 'PE' },
  steps: [{ step: 'Script', type: 'run-powershell', params: { script: 'exit 0' } }],
};
const text = JSON.stringify(document);
const store = () => call('/sequences', { text, format: 'json' });
const deploy = () =>
  call('/deployments', { sequence: 'Scripted', collection: 'Bench', purpose: 'available' });

it('a sequence is stored, and not deployed until its boot image has what its steps need', async () => {
  await call('/collections', { name: 'Bench' });
  await bootImage('x64', ['WinPE-WMI', 'WinPE-NetFx', 'WinPE-Scripting']);
  const missing = {
    code: 'boot-image.component',
    message: expect.stringMatching(
      /^Step "Script" \(steps\[0\]\) needs WinPE-PowerShell: not in the boot image "PE" \(MW\w+, version 1\)$/,
    ),
    step: 'Script',
  };
  expect((await call('/sequences/check', { text })).body).toMatchObject({
    name: 'Scripted',
    problems: [missing],
    warnings: [],
  });
  expect(await site.services.store.sequences.list()).toEqual([]);
  expect((await store()).body).toMatchObject({ state: 'ready', deployProblems: [missing] });
  expect((await deploy()).status).toBe(409);

  await bootImage('x64');
  expect((await store()).body).toMatchObject({
    problems: [],
    warnings: [{ code: 'boot-image.components-unknown', hint: expect.stringContaining('rebuild') }],
  });
  await bootImage('x64', ['WinPE-WMI', 'WinPE-NetFx', 'WinPE-Scripting', 'WinPE-PowerShell']);
  expect((await store()).body).toMatchObject({ problems: [], warnings: [] });
  expect((await deploy()).status).toBe(200);
});

it('M43 the architecture of image and boot image, before any machine', async () => {
  await bootImage('x64', []);
  const image = {
    index: 1,
    name: 'W',
    architecture: 'arm64' as const,
    totalBytes: 1,
    kind: 'windows' as const,
  };
  const made = { name: 'Windows for ARM', kind: 'os-image' as const, objects: [] };
  await site.services.store.packages.add({ ...made, images: [image] }, 1);
  const apply = {
    step: 'Apply',
    type: 'apply-image',
    params: { image: { name: 'Windows for ARM' }, destination: 'next-available' },
  };
  const { body } = await call('/sequences/check', {
    text: JSON.stringify({ ...document, name: 'ARM', steps: [apply] }),
  });
  expect(body.problems).toMatchObject([{ code: 'image.architecture', step: 'Apply' }]);
  expect(body.problems[0].message).toMatch(
    /image 1 of Windows for ARM \(MW\w+, version 1\) is for arm64; the boot image "PE" \(MW\w+, version \d\) is for x64/,
  );
});

it('says of a text that is no sequence what storing it would say', async () => {
  expect(await call('/sequences/check', { text: 'name: [' })).toMatchObject({
    status: 400,
    body: { code: 'sequence.text' },
  });
});
