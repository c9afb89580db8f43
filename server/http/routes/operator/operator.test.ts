import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pagePaths } from '../../../console/page-paths.ts';
import { CONSOLE_HEADER } from './authorize.ts';
import { openTestConsole, type TestConsole } from './test-console.ts';

let site: TestConsole;
beforeAll(async () => {
  site = await openTestConsole({ tls: false });
});
afterAll(() => site[Symbol.asyncDispose]());

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
async function call(
  method: Method,
  path: string,
  body?: object,
  headers: Record<string, string> = {},
) {
  const answer = await site.app.inject({
    method,
    url: `/api/v1${path}`,
    headers: { authorization: `Bearer ${site.token}`, ...headers },
    ...(body === undefined ? {} : { payload: body }),
  });
  return {
    status: answer.statusCode,
    body: answer.body === '' ? null : answer.json(),
    headers: answer.headers,
  };
}

const sequenceText = (image: string, disabled = false) => `
name: Bench
steps:
  - step: Apply the image
    type: apply-image
    disabled: ${disabled}
    params:
      image: { name: ${image} }
      destination: next-available
`;

describe('roles', () => {
  it('answers no operator route without a token or session, and names what to do', async () => {
    const operatorOnly = site.routes.filter(({ role }) => role === 'operator');
    expect(operatorOnly.length).toBeGreaterThan(20);
    for (const { method, path } of operatorOnly) {
      const url = path.replaceAll(/:\w+/g, '00000000-0000-4000-8000-000000000000');
      const answer = await site.app.inject({ method: method as Method, url, payload: {} });
      expect(answer.statusCode, `${method} ${path}`).toBe(401);
      if (method !== 'HEAD')
        expect(answer.json(), path).toMatchObject({ code: 'session.required' });
    }
  });

  it('serves to anyone only the page, what the API is, and the sign-in', () => {
    const open = site.routes.filter(({ role }) => role !== 'operator');
    const paths = new Set(open.map(({ path }) => path));
    const pages: readonly string[] = pagePaths.filter((path) => path !== '/');
    const isPage = (path: string) => path.startsWith('/console/') || pages.includes(path);
    expect([...paths].filter((path) => !isPage(path))).toEqual([
      '/api/v1/openapi.json',
      '/errors/:code',
      '/',
      '/api/v1/session',
      '/api/v1/sign-in',
      '/api/v1/sign-in/oidc',
      '/api/v1/sign-in/oidc/callback',
      '/api/v1/sign-in/oidc/signed-out',
    ]);
  });
});

describe('sessions', () => {
  it('turns a link into a cookie once, and takes changes only from the console itself', async () => {
    const made = await call('POST', '/admin-links', {});
    const link = String(made.body.path).replace('/#link=', '');
    const first = await site.app.inject({
      method: 'POST',
      url: '/api/v1/session',
      payload: { link },
    });
    expect(first.statusCode).toBe(200);
    const cookie = String(first.headers['set-cookie']);
    expect(cookie).toMatch(/; HttpOnly; Secure; SameSite=Strict$/);
    const again = await site.app.inject({
      method: 'POST',
      url: '/api/v1/session',
      payload: { link },
    });
    expect([again.statusCode, again.json().code]).toEqual([401, 'session.link']);

    const session = { cookie: cookie.split(';')[0] ?? '' };
    const put = (headers: Record<string, string>) =>
      site.app.inject({
        method: 'PUT',
        url: '/api/v1/netboot',
        headers: { ...session, host: 'console.test', ...headers },
        payload: { answerOn: [], unknownMachines: 'ask' },
      });
    expect((await site.app.inject({ url: '/api/v1/session', headers: session })).json()).toEqual({
      name: 'admin',
      role: 'administrator',
      personId: null,
      setUp: true,
    });
    expect((await put({})).json().code).toBe('session.csrf');
    expect((await put({ [CONSOLE_HEADER]: '1', origin: 'https://evil.test' })).statusCode).toBe(
      403,
    );
    expect((await put({ [CONSOLE_HEADER]: '1', origin: 'https://console.test' })).statusCode).toBe(
      200,
    );

    const out = await site.app.inject({
      method: 'DELETE',
      url: '/api/v1/session',
      headers: { ...session, [CONSOLE_HEADER]: '1' },
    });
    expect(out.statusCode).toBe(200);
    // Nobody has signed in at a provider, so there is nowhere to go.
    expect(out.json()).toEqual({ location: null });
    expect((await site.app.inject({ url: '/api/v1/session', headers: session })).statusCode).toBe(
      401,
    );
  });

  it('refuses a wrong token', async () => {
    const answer = await call('GET', '/devices', undefined, { authorization: 'Bearer nonsense' });
    expect(answer.status).toBe(401);
  });
});

describe('devices and collections', () => {
  it('imports a device once by any of its identifiers, approves and ignores it, and keeps who did', async () => {
    const body = { name: 'PC01', macAddresses: ['00-11-22-33-44-55'] };
    const first = await call('POST', '/devices', body);
    expect(first.body).toMatchObject({
      name: 'PC01',
      state: 'known',
      macAddresses: ['00:11:22:33:44:55'],
    });
    const second = await call('POST', '/devices', { ...body, name: 'PC-01', serialNumber: 'S1' });
    expect(second.body).toMatchObject({ id: first.body.id, name: 'PC-01', serialNumber: 'S1' });
    expect((await call('POST', `/devices/${first.body.id}/ignore`, {})).body.state).toBe('ignored');
    const approved = await call('POST', '/devices/00:11:22:33:44:55/approve', { name: 'PC-02' });
    expect(approved.body).toMatchObject({ state: 'approved', name: 'PC-02' });

    const audit = await call('GET', '/audit?limit=10');
    expect(
      audit.body.map((entry: { who: string; action: string }) => `${entry.who} ${entry.action}`),
    ).toEqual(
      expect.arrayContaining([
        'admin device.approve',
        'admin device.ignore',
        'admin device.import',
      ]),
    );
  });

  it('refuses a device without identifiers, and two devices in one', async () => {
    expect((await call('POST', '/devices', { name: 'X' })).body.code).toBe('device.identity');
    await call('POST', '/devices', { name: 'A', serialNumber: 'SA' });
    await call('POST', '/devices', { name: 'B', macAddresses: ['02:00:00:00:00:0b'] });
    const both = await call('POST', '/devices', {
      name: 'AB',
      serialNumber: 'SA',
      macAddresses: ['02:00:00:00:00:0b'],
    });
    expect([both.status, both.body.code]).toEqual([409, 'device.exists']);
  });

  it('names devices like an unknown one', async () => {
    const answer = await call('POST', '/devices/PC-2/approve', {});
    expect(answer.body).toMatchObject({
      code: 'device.not-found',
      message: 'There is no device "PC-2"',
      hint: 'did you mean "PC-02"?',
    });
  });

  it('puts devices into a collection and takes them out, by id or name', async () => {
    const made = await call('POST', '/collections', { name: 'Bench one' });
    expect(made.status).toBe(200);
    const [device] = (await call('GET', '/devices')).body;
    const added = await call('POST', '/collections/bench%20one/members', { add: [device.id] });
    expect(added.body.memberCount).toBe(1);
    const removed = await call('POST', `/collections/${made.body.id}/members`, {
      remove: [device.id],
    });
    expect(removed.body.memberCount).toBe(0);
    expect((await call('POST', '/collections', { name: 'bench ONE' })).status).toBe(409);
    expect(
      (await call('POST', '/collections/SMS00001/members', { add: [device.id] })).body.code,
    ).toBe('collection.built-in');
  });
});

describe('M12 collections by rules', () => {
  it('shows who would be a member, keeps rules, and says where a query is wrong', async () => {
    for (const name of ['LAB-1', 'LAB-2', 'OFFICE-1'])
      await call('POST', '/devices', { name, serialNumber: `SN-${name}` });
    const rules = [
      { kind: 'query', query: 'name like "LAB-%"' },
      { kind: 'direct', device: 'SN-OFFICE-1' },
    ];
    const preview = await call('POST', '/collections/preview', { rules, limit: 1 });
    expect(preview.body).toMatchObject({ memberCount: 3, members: [{ state: 'known' }] });
    const wrong = await call('POST', '/collections', {
      name: 'Lab',
      rules: [{ kind: 'query', query: 'modell like "LAB-%"' }],
    });
    expect([wrong.status, wrong.body]).toMatchObject([
      400,
      { code: 'query.field', hint: expect.stringContaining('Did you mean model') },
    ]);
    expect((await call('GET', '/collections/Lab')).status).toBe(404);
    const made = await call('POST', '/collections', { name: 'Lab', rules });
    expect(made.body).toMatchObject({
      memberCount: 3,
      directRules: 1,
      pending: false,
      rules: [{ kind: 'query', name: 'name like "LAB-%"', problem: null }],
    });
    const page = await call('GET', '/collections/lab/members?limit=2');
    const rest = await call('GET', `/collections/lab/members?after=${page.body.next}`);
    const names = [...page.body.members, ...rest.body.members].map(({ name }) => name);
    expect(new Set(names)).toEqual(new Set(['LAB-1', 'LAB-2', 'OFFICE-1']));
    expect(rest.body.next).toBeNull();
    const circle = await call('POST', '/collections/Lab/rules', {
      add: [{ kind: 'include', collection: 'lab' }],
    });
    expect([circle.status, circle.body.code]).toEqual([409, 'collection.circle']);
    const changed = await call('POST', '/collections/Lab/rules', {
      add: [{ kind: 'query', name: 'Not one', query: 'name = "OFFICE-1"' }],
      remove: [
        { kind: 'query', name: 'name like "lab-%"' },
        { kind: 'direct', name: 'OFFICE-1' },
      ],
    });
    expect(changed.body).toMatchObject({ memberCount: 1, directRules: 0 });
    const renamed = await call('PUT', '/collections/Lab', { name: 'Laboratory', precedence: 3 });
    expect(renamed.body).toMatchObject({ name: 'Laboratory', precedence: 3 });
    await call('POST', '/collections/Laboratory/copy', { name: 'Copy' });
    expect((await call('DELETE', '/collections/Laboratory')).body.code).toBe('collection.in-use');
    expect((await call('POST', '/collections/Copy/update', {})).body.memberCount).toBe(1);
    expect((await call('DELETE', '/collections/Copy')).status).toBe(200);
    const fields = (await call('GET', '/query/fields')).body;
    expect(fields[0]).toMatchObject({ name: 'name', type: 'text' });
  });
});

describe('images, sequences and deployments', () => {
  it('M15 gives the JSON Schema of documents', async () => {
    const { status, body } = await call('GET', '/schema/task-sequence.json');
    expect(status).toBe(200);
    expect(body.$defs).toHaveProperty(['params-apply-image']);
  });

  it('refuses a file that is no WIM, and says what was seen', async () => {
    const answer = await site.app.inject({
      method: 'POST',
      url: '/api/v1/images?name=Broken',
      headers: {
        authorization: `Bearer ${site.token}`,
        'content-type': 'application/octet-stream',
      },
      payload: Buffer.alloc(5000, 'x'),
    });
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'wim.magic']);
    expect((await call('GET', '/images')).body).toEqual([]);
  });

  it('M15 refuses to deploy a sequence with a broken reference, naming step and reference', async () => {
    const document = { text: sequenceText('Debian 12'), format: 'yaml' };
    const refusal = await call('POST', '/sequences', document);
    expect([refusal.status, refusal.body.code]).toEqual([409, 'sequence.reference']);
    expect((await call('GET', '/sequences')).body).toEqual([]);
    const added = await call('POST', '/sequences', { ...document, draft: true });
    expect(added.status).toBe(200);
    expect(added.body).toMatchObject({ state: 'draft', readyVersion: null });
    expect(added.body.problems).toMatchObject([
      { code: 'sequence.reference', message: expect.stringContaining('Step "Apply the image"') },
    ]);
    await call('POST', '/collections', { name: 'Broken' });
    const deploy = { sequence: 'Bench', collection: 'Broken', purpose: 'required' };
    const refused = await call('POST', '/deployments', deploy);
    expect(refused.status).toBe(409);
    expect(refused.body.code).toBe('deployment.broken-reference');
    expect(refused.body.message).toContain('"Bench" is a draft');
    expect(refused.body.problems[1].message).toContain(
      'Step "Apply the image" (steps[0].params.image) references "Debian 12"',
    );

    // Disabling the step corrects it, as does adding the image.
    const disabled = await call('POST', '/sequences', {
      text: sequenceText('Debian 12', true),
      format: 'yaml',
    });
    expect(disabled.body).toMatchObject({ version: 2, problems: [] });
    const made = await call('POST', '/deployments', deploy);
    expect(made.body).toMatchObject({
      purpose: 'required',
      withdrawn: false,
      sequence: { name: 'Bench' },
    });
    const withdrawn = await call('POST', `/deployments/${made.body.id}/withdraw`, {});
    expect(withdrawn.body.withdrawn).toBe(true);
  });

  it('M10 deploys no parent while child sequences are off, and stores no circle', async () => {
    const add = (name: string, child: string) => {
      const params = { sequence: { name: child } };
      const document = { name, steps: [{ step: 'Run it', type: 'run-sequence', params }] };
      return call('POST', '/sequences', { text: JSON.stringify(document), format: 'json' });
    };
    const say = { step: 'Say', type: 'set-variable', params: { name: 'Said', value: '1' } };
    const child = JSON.stringify({ name: 'Child', steps: [say] });
    await call('POST', '/sequences', { text: child, format: 'json' });
    await call('POST', '/collections', { name: 'Parents' });
    const parent = await add('Runs it', 'child');
    expect(parent.body.problems).toMatchObject([{ code: 'feature.child-sequences' }]);
    const deploy = { sequence: 'Runs it', collection: 'Parents', purpose: 'available' };
    expect((await call('POST', '/deployments', deploy)).body).toMatchObject({
      code: 'deployment.broken-reference',
      message: expect.stringContaining('child task sequences are switched off'),
      hint: expect.stringContaining('metalwright feature enable child-sequences'),
    });
    await call('PUT', '/features/child-sequences', { enabled: true });
    expect((await call('POST', '/deployments', deploy)).status).toBe(200);
    const circle = await add('child', 'Runs it');
    expect([circle.status, circle.body]).toEqual([
      409,
      expect.objectContaining({
        code: 'sequence.child-cycle',
        message: expect.stringContaining('"child" -> "Runs it" -> "child"'),
      }),
    ]);
    const missing = await add('Runs nothing', 'Nowhere');
    expect(missing.body).toMatchObject({
      code: 'sequence.reference',
      problems: [{ code: 'sequence.child-missing' }],
    });
    const audit = await call('GET', '/audit?limit=20');
    expect(audit.body).toEqual(
      expect.arrayContaining([expect.objectContaining({ action: 'feature.switch' })]),
    );
  });

  it('names sequences like an unknown one', async () => {
    const answer = await call('POST', '/deployments', {
      sequence: 'Bensh',
      collection: 'Bench one',
      purpose: 'available',
    });
    expect(answer.body).toMatchObject({
      code: 'sequence.not-found',
      hint: 'did you mean "Bench"?',
    });
  });

  it('says on which line a document is wrong', async () => {
    const text = 'name: Bench\nsteps:\n  - step: one\n    type: aply-image\n';
    const answer = await call('POST', '/sequences', { text, format: 'yaml' });
    expect(answer.status).toBe(400);
    expect(answer.body.message).toContain('(line 4)');
    const broken = await call('POST', '/sequences', { text: 'name: [', format: 'yaml' });
    expect(broken.body.code).toBe('sequence.text');
  });

  it('M17 and M18 refuse high-risk deployments without confirmation', async () => {
    const say = { step: 'Say', type: 'set-variable', params: { name: 'Said', value: '1' } };
    const text = JSON.stringify({ name: 'To all', steps: [say] });
    await call('POST', '/sequences', { text, format: 'json' });
    const deploy = (collection: string, more = {}) =>
      call('POST', '/deployments', {
        sequence: 'To all',
        collection,
        purpose: 'required',
        ...more,
      });
    expect((await deploy('All Systems')).body.code).toBe('deployment.all-systems');
    expect((await deploy('All Unknown Computers')).body.code).toBe(
      'deployment.unknown-unconfirmed',
    );
    const confirmUnknown = { subnets: ['10.0.5.0/24'], endsMs: Date.now() + 3_600_000, perHour: 5 };
    expect((await deploy('All Unknown Computers', { confirmUnknown })).status).toBe(200);
  });
});

describe('network boot', () => {
  it('answers nobody until told to, and only on interfaces that are there', async () => {
    const bootImage = null;
    const lists = { answerOnly: [], ignoreClients: [], responseDelaySeconds: 0, pxeMenu: true };
    const kept = { bootImage, windowsSetupLostMinutes: 90, ...lists };
    const first = { answerOn: [], unknownMachines: 'ask', ...kept };
    expect((await call('GET', '/netboot')).body).toEqual(first);
    const wrong = await call('PUT', '/netboot', { answerOn: ['bench1'], unknownMachines: 'ask' });
    expect(wrong.body).toMatchObject({
      code: 'netboot.no-interface',
      hint: 'did you mean bench0? there is bench0, office0',
    });
    const before = site.services.changes.revision;
    const set = await call('PUT', '/netboot', { answerOn: ['bench0'], unknownMachines: 'ignore' });
    expect(set.body).toEqual({ answerOn: ['bench0'], unknownMachines: 'ignore', ...kept });
    expect(site.services.changes.revision).toBeGreaterThan(before);
    expect((await call('GET', '/status')).body.netboot).toEqual(set.body);
  });

  it('refuses a body with anything it does not know', async () => {
    const answer = await call('PUT', '/netboot', { answerOn: [], unknownMachines: 'ask', more: 1 });
    expect([answer.status, answer.body.code]).toEqual([400, 'request.invalid']);
  });
});

it('serves the page with a strict content security policy and no inline script', async () => {
  const page = await site.app.inject({ url: '/' });
  expect(page.headers['content-security-policy']).toMatch(
    /^default-src 'none'; script-src 'self';/,
  );
  expect(page.body).not.toMatch(/<script(?![^>]*src=)|style="|\son[a-z]+="/);
  for (const [, path] of page.body.matchAll(/(?:src|href)="(\/[^"]+)"/g)) {
    expect((await site.app.inject({ url: path ?? '' })).statusCode, path).toBe(200);
  }
});
