import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { makeTestBootImage } from '#media/build/media-plan.testing.ts';
import { StoreError } from '../../../store/error.ts';
import { MediaFileView, MediaView } from '../../api-media.ts';
import { openTestConsole, type TestConsole } from './test-console.ts';

const run = promisify(execFile);
let site: TestConsole;
let bootImages = '';
beforeAll(async () => {
  bootImages = await makeTestBootImage();
  site = await openTestConsole({ tls: false, bootImageDirectory: bootImages });
});
afterAll(async () => {
  await site[Symbol.asyncDispose]();
  await rm(bootImages, { recursive: true });
});

async function call(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object) {
  const answer = await site.app.inject({
    method,
    url: `/api/v1${path}`,
    headers: { authorization: `Bearer ${site.token}` },
    ...(body === undefined ? {} : { payload: body }),
  });
  return { status: answer.statusCode, text: answer.body, bytes: answer.rawPayload };
}
const json = async (...words: Parameters<typeof call>) => {
  const { status, text } = await call(...words);
  return { status, body: text === '' ? null : JSON.parse(text) };
};
async function settled(id: string): Promise<MediaView> {
  for (;;) {
    const found = MediaView.parse((await json('GET', `/media/${id}`)).body);
    if (found.state !== 'making') return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
const wish = { kind: 'bootable', label: 'Bench' };
const secret = { name: 'JoinPassword', value: 'hunter2!', secret: true };

describe('M41 media over the API', () => {
  it('M42 are made in the background and fetched; password and secret values stand nowhere', async () => {
    const begun = await json('POST', '/media', {
      ...wish,
      password: 'Bench7disc',
      variables: [secret, { name: 'Site', value: 'Vienna' }],
      prestart: 'echo hello',
    });
    expect(begun.status).toBe(202);
    expect(begun.body).toMatchObject({ state: 'making', password: true });
    const made = await settled(begun.body.id);
    expect(made).toMatchObject({
      state: 'ready',
      progress: null,
      facts: { variables: ['JoinPassword', 'Site'], hasPrestart: true, warnings: [] },
    });
    const file = await call('GET', `/media/${made.id}/file`);
    expect(file.bytes.length).toBe(made.sizeBytes);
    for (const word of ['Bench7disc', 'hunter2!', 'Vienna', 'echo hello'])
      expect(file.bytes.includes(word), word).toBe(false);
    const audit = await call('GET', '/audit');
    expect(audit.text).toContain('media.create');
    expect(audit.text).not.toContain('hunter2!');
    expect((await call('GET', '/media')).text).not.toContain('publicKey');
  });

  it('M52 are told of when the store, which was away when they were made, is back', async () => {
    const finish = vi.spyOn(site.services.store.media, 'finish');
    finish.mockRejectedValueOnce(new StoreError('store.unreachable', 'The database is away'));
    const { body } = await json('POST', '/media', { ...wish, password: 'Bench7disc' });
    expect(await settled(body.id)).toMatchObject({ state: 'ready' });
    expect(finish).toHaveBeenCalledTimes(2);
    finish.mockRestore();
  });

  it('without a password warn, and take no secret', async () => {
    const { body } = await json('POST', '/media', wish);
    expect(body.facts.warnings).toMatchObject([{ code: 'media.no-password' }]);
    expect(await settled(body.id)).toMatchObject({ state: 'ready', password: false });
    const refused = await json('POST', '/media', { ...wish, variables: [secret] });
    expect(refused).toMatchObject({ status: 400, body: { code: 'media.password-needed' } });
  });

  it.each([
    { change: { password: 'short' }, code: 'media.password-short' },
    { change: { validUntilMs: 1000 }, code: 'media.validity' },
    { change: { variables: [{ name: '_SMSTSMachineName', value: 'x' }] }, code: 'variable.name' },
    {
      change: {
        variables: [
          { name: 'A', value: '1' },
          { name: 'a', value: '2' },
        ],
      },
      code: 'variable.name',
    },
    { change: { kind: 'image' }, code: 'request.invalid' },
    { change: { form: 'wim' }, code: 'request.invalid' },
    { change: { label: '  ' }, code: 'request.invalid' },
  ])('are refused before anything is made: $code', async ({ change, code }) => {
    const before = (await json('GET', '/media')).body.length;
    expect(await json('POST', '/media', { ...wish, ...change })).toMatchObject({
      status: 400,
      body: { code },
    });
    expect((await json('GET', '/media')).body).toHaveLength(before);
  });

  it('M46 are blocked, deleted with their file, and then not found', async () => {
    const { body } = await json('POST', '/media', wish);
    const { id } = await settled(body.id);
    const block = { blocked: true, reason: 'lost' };
    expect(await json('PUT', `/media/${id}/block`, block)).toMatchObject({
      body: { blockedReason: 'lost', blockedMs: expect.any(Number) },
    });
    expect(await json('PUT', `/media/${id}/block`, { blocked: false })).toMatchObject({
      body: { blockedReason: '', blockedMs: null },
    });
    expect(await json('POST', `/media/${id}/cancel`)).toMatchObject({
      status: 409,
      body: { code: 'media.not-making' },
    });
    expect((await call('DELETE', `/media/${id}`)).status).toBe(204);
    expect(await json('GET', `/media/${id}/file`)).toMatchObject({
      status: 404,
      body: { code: 'media.not-found' },
    });
    const left = await readdir(join(site.dataDirectory, 'media'));
    expect(left.filter((name) => name.includes(id))).toEqual([]);
  });

  it('are cancelled while they are made, and leave nothing', async () => {
    const { body } = await json('POST', '/media', wish);
    const cancelled = await json('POST', `/media/${body.id}/cancel`);
    // It may have been quicker.
    const { state } = MediaView.parse(cancelled.body ?? {});
    expect(['cancelled', 'ready']).toContain(state);
    expect(await settled(body.id)).toMatchObject({ state });
    const left = await readdir(join(site.dataDirectory, 'media'));
    expect(left.some((name) => name.includes(body.id))).toBe(state === 'ready');
  });

  it('as a folder are listed and fetched file by file, what they name and nothing else', async () => {
    const { body } = await json('POST', '/media', { ...wish, form: 'folder' });
    const made = await settled(body.id);
    expect(made).toMatchObject({ state: 'ready', form: 'folder' });
    const { body: listed } = await json('GET', `/media/${made.id}/files`);
    const files = listed.map((each: unknown) => MediaFileView.parse(each));
    const paths = files.map(({ path }: MediaFileView) => path);
    expect(paths).toContain('EFI/BOOT/BOOTX64.EFI');
    expect(paths.slice(-2)).toEqual(['metalwright/manifest', 'metalwright/manifest.sig']);
    let total = 0;
    for (const { path, sizeBytes, sha256 } of files) {
      const { bytes } = await call('GET', `/media/${made.id}/file?path=${path}`);
      expect(createHash('sha256').update(bytes).digest('hex'), path).toBe(sha256);
      total += sizeBytes;
    }
    expect(made.sizeBytes).toBe(total);
    for (const path of ['../site.sqlite', 'metalwright/..', '/etc/passwd'])
      expect(await json('GET', `/media/${made.id}/file?path=${path}`)).toMatchObject({
        status: 404,
        body: { code: 'media.missing-file' },
      });
    const asImage = { status: 409, body: { code: 'media.form' } };
    expect(await json('GET', `/media/${made.id}/file`)).toMatchObject(asImage);
    expect((await call('DELETE', `/media/${made.id}`)).status).toBe(204);
    expect(await readdir(join(site.dataDirectory, 'media'))).not.toContain(made.id);
  });

  it('M47 prestaged are a WIM with the content of a task sequence, and know the server', async () => {
    const missing = await json('POST', '/media', { ...wish, kind: 'prestaged' });
    expect(missing).toMatchObject({ status: 400, body: { code: 'media.no-sequence' } });
    const command = { step: 'Say it', type: 'run-command', params: { commandLine: 'echo' } };
    const document = { name: 'Factory', steps: [command] };
    expect(
      (await json('POST', '/sequences', { text: JSON.stringify(document), format: 'json' })).status,
    ).toBe(200);
    const { body } = await json('POST', '/media', {
      ...wish,
      kind: 'prestaged',
      sequence: 'Factory',
      serverAddress: '10.0.0.1',
    });
    const made = await settled(body.id);
    expect(made).toMatchObject({
      state: 'ready',
      form: 'wim',
      facts: { sequence: { name: 'Factory' } },
    });
    const { bytes } = await call('GET', `/media/${made.id}/file`);
    expect(bytes.subarray(0, 5).toString('latin1')).toBe('MSWIM');
    expect(bytes.length).toBe(made.sizeBytes);
    const file = join(site.dataDirectory, 'staged.wim');
    await writeFile(file, bytes);
    const { stdout } = await run('wimlib-imagex', [
      'extract',
      file,
      '1',
      '/metalwright/media.json',
      '--to-stdout',
    ]);
    const port = expect.stringMatching(/^10\.0\.0\.1:\d+$/);
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'prestaged',
      servers: expect.arrayContaining([port]),
    });
    expect(await json('GET', `/media/${made.id}/files`)).toMatchObject({
      body: { code: 'media.form' },
    });
  });

  it('cannot be made without a boot image, and the answer names the file', async () => {
    await rm(join(bootImages, 'media-bios.img'));
    expect(await json('POST', '/media', wish)).toMatchObject({
      status: 409,
      body: { code: 'media.no-boot-image', message: expect.stringContaining('media-bios.img') },
    });
  });
});
