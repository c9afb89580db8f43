import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestConsole, type TestConsole } from './test-console.ts';

let site: TestConsole;
beforeAll(async () => {
  site = await openTestConsole({ tls: false });
});
afterAll(() => site[Symbol.asyncDispose]());

const secret = 'canary-of-the-point-4d1e';

async function call(
  method: 'GET' | 'POST' | 'PUT',
  path: string,
  payload?: object,
  token?: string,
) {
  const answer = await site.app.inject({
    method,
    url: `/api/v1${path}`,
    headers: { authorization: `Bearer ${token ?? site.token}` },
    ...(payload === undefined ? {} : { payload }),
  });
  return { status: answer.statusCode, text: answer.body };
}

/** A network access account; where it is there already, nothing is done. */
const addReader = () =>
  call('POST', '/accounts', {
    name: 'Reader',
    kind: 'network-access',
    user: 'CORP\\dp-reader',
    password: secret,
  });

it('takes no account in the address of a distribution point, so that no answer and no entry has one', async () => {
  const url = `https://reader:${secret}@dp.example/content`;
  const created = await call('POST', '/distribution-points', { name: 'Hall', url });
  expect([created.status, created.text.includes('without account')]).toEqual([400, true]);
  const hall = { name: 'Hall', url: 'https://dp.example/content' };
  expect((await call('POST', '/distribution-points', hall)).status).toBe(200);
  const changed = await call('PUT', '/distribution-points/Hall', { url });
  expect(changed.status).toBe(400);
  for (const { text } of [created, changed]) expect(text).not.toContain(secret);
  const entries = await site.services.store.audit.list(1000);
  expect(JSON.stringify(entries)).not.toContain(secret);
});

it('tells auditors and operators of distribution points and boundary groups where content is, and no account', async () => {
  await addReader();
  await call('POST', '/boundary-groups', { name: 'Hall', boundaries: [], points: ['Hall'] });
  for (const role of ['auditor', 'operator', 'author']) {
    const made = await call('POST', '/tokens', { name: `of ${role}`, role });
    const { token } = JSON.parse(made.text) as { token: string };
    for (const path of [
      '/distribution-points',
      '/distribution-points/Hall',
      '/boundary-groups',
      '/boundary-groups/locate?address=10.0.0.1',
    ]) {
      const { status, text } = await call('GET', path, undefined, token);
      expect([role, path, status]).toEqual([role, path, 200]);
      for (const word of [secret, 'dp-reader', 'Reader', '"user"', '"password"', '@'])
        expect([role, path, text.includes(word)]).toEqual([role, path, false]);
    }
    const denied = await call('PUT', '/distribution-points/Hall', { enabled: false }, token);
    expect([role, denied.status]).toEqual([role, 403]);
  }
});

it('M38 M40 a share is a distribution point of its own kind: by its address, with an account, with no certificate', async () => {
  await addReader();
  const share = { name: 'Share', url: 'smb://files.example/content$/site/' };
  const made = await call('POST', '/distribution-points', share);
  expect(JSON.parse(made.text)).toMatchObject({ url: 'smb://files.example/content$/site' });
  for (const url of [
    'smb://files.example',
    'smb://files.example:445/content',
    `smb://reader:${secret}@files.example/content`,
    'smb://files.example/content/a%2fb',
    'smb://files.example/content//site',
    'ftp://files.example/content',
  ]) {
    const refused = await call('POST', '/distribution-points', { name: 'Other', url });
    expect([url, refused.status]).toEqual([url, 400]);
    expect(refused.text).not.toContain(secret);
  }
  const { rootCertificates } = await import('node:tls');
  const ca = rootCertificates[0];
  const withCa = await call('PUT', '/distribution-points/Share', { ca });
  expect(JSON.parse(withCa.text)).toMatchObject({ code: 'distribution-point.share' });

  await call('POST', '/boundary-groups', {
    name: 'Files',
    boundaries: ['10.44.0.0/16'],
    points: ['Share'],
  });
  const locate = async () =>
    JSON.parse((await call('GET', '/boundary-groups/locate?address=10.44.0.1')).text);
  expect((await locate()).points).toMatchObject([{ name: 'Share' }]);
  const cases = async () => JSON.parse((await call('GET', '/account-cases')).text) as object[];
  expect(await cases()).toContainEqual(
    expect.objectContaining({ code: 'account.content-share', missing: false }),
  );
  const accounts = JSON.parse((await call('GET', '/accounts')).text) as { id: string }[];
  for (const { id } of accounts)
    await site.app.inject({
      method: 'DELETE',
      url: `/api/v1/accounts/${id}`,
      headers: { authorization: `Bearer ${site.token}` },
    });
  expect(await locate()).toMatchObject({
    points: [],
    where: expect.stringContaining('account.content-share'),
  });
  expect(await cases()).toContainEqual(
    expect.objectContaining({ code: 'account.content-share', missing: true }),
  );
});
