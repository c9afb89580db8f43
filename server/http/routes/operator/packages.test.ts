import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PackageId, Sha256 } from '#agent/protocol/identity.ts';
import { openSqlite } from '../../../store/sqlite.ts';
import { sweepUploads } from '../../../upload-sweep.ts';
import { openTestConsole, type TestConsole } from './test-console.ts';

let site: TestConsole;
beforeAll(async () => {
  site = await openTestConsole({ tls: false });
});
afterAll(() => site[Symbol.asyncDispose]());

const hashOf = (text: string) => Sha256.parse(createHash('sha256').update(text).digest('hex'));
const fileOf = (path: string, text: string) => ({
  path,
  sizeBytes: Buffer.byteLength(text),
  sha256: hashOf(text),
});

async function call(method: 'GET' | 'POST', path: string, body?: object) {
  const answer = await site.app.inject({
    method,
    url: `/api/v1${path}`,
    headers: { authorization: `Bearer ${site.token}` },
    ...(body === undefined ? {} : { payload: body }),
  });
  return { status: answer.statusCode, body: answer.body === '' ? null : answer.json() };
}
async function begin(name: string, more = {}): Promise<string> {
  return String((await call('POST', '/packages/uploads', { name, ...more })).body.id);
}
const declare = (id: string, files: readonly object[]) =>
  call('POST', `/packages/uploads/${id}/files`, { files });
const commit = (id: string) => call('POST', `/packages/uploads/${id}/commit`, {});
async function send(id: string, text: string, sha256: string = hashOf(text)) {
  const answer = await site.app.inject({
    method: 'PUT',
    url: `/api/v1/packages/uploads/${id}/objects/${sha256}`,
    headers: {
      authorization: `Bearer ${site.token}`,
      'content-type': 'application/octet-stream',
    },
    payload: Buffer.from(text),
  });
  return [answer.statusCode, answer.body === '' ? null : answer.json().code];
}
const isThere = (text: string) =>
  site.services.content.file(hashOf(text)).then(
    () => true,
    () => false,
  );

describe('M06 a package of files', () => {
  it('is one new version when all is in, and not before; empty files and doubles too', async () => {
    const id = await begin(' Tools ');
    const files = [fileOf('setup.exe', 'S'), fileOf('data/empty', ''), fileOf('data/two', 'S')];
    const declared = await declare(id, files);
    expect(declared.body.missing.toSorted()).toEqual([hashOf('S'), hashOf('')].toSorted());
    expect(await send(id, 'S')).toEqual([204, null]);
    expect((await commit(id)).body).toMatchObject({
      code: 'package.incomplete',
      message: 'data/empty has not come in yet',
    });
    expect((await call('GET', '/packages')).body).toEqual([]);
    expect(await send(id, '')).toEqual([204, null]);
    const made = await commit(id);
    expect(made.body).toMatchObject({ name: 'Tools', version: 1, fileCount: 3, sizeBytes: 2 });
    // The answer may be lost: asked again, it is the same version.
    expect((await commit(id)).body).toEqual(made.body);
    expect((await call('GET', '/packages')).body).toEqual([made.body]);
    expect((await call('GET', '/images')).body).toEqual([]);

    const again = await begin('tools');
    expect((await declare(again, [...files, fileOf('new', 'N')])).body.missing).toEqual([
      hashOf('N'),
    ]);
    await send(again, 'N');
    expect((await commit(again)).body).toMatchObject({ id: made.body.id, version: 2 });
    const audit = (await call('GET', '/audit')).body.map(
      ({ detail }: { detail: { name: string; files: number } }) => `${detail.name} ${detail.files}`,
    );
    expect(audit.toSorted()).toEqual(['Tools 3', 'tools 4']);
  });

  it('refuses paths out of it, twice the same without case, and a file that is a folder', async () => {
    const id = await begin('Paths');
    const code = async (...paths: string[]) =>
      (
        await declare(
          id,
          paths.map((path) => fileOf(path, 'x')),
        )
      ).body.code;
    for (const path of ['../x', '/x', 'a/../../x', 'c:/x', 'a\\b'])
      expect(await code(path), path).toBe('package.path');
    expect(await code('Readme', 'README')).toBe('package.path-twice');
    expect(await code('one')).toBeUndefined();
    expect(await code('ONE')).toBe('package.path-twice');
    expect(await code('one/two')).toBeUndefined();
    await send(id, 'x');
    expect((await commit(id)).body.code).toBe('package.path-twice');
    expect((await commit(await begin('Empty'))).body.code).toBe('package.empty');
  });

  it('takes only what it was told of: another file, a longer one, one of nobody', async () => {
    const id = await begin('Lies');
    await declare(id, [fileOf('a', 'right')]);
    expect(await send(id, 'wrong', hashOf('right'))).toEqual([400, 'package.hash']);
    expect(await send(id, 'right and more', hashOf('right'))).toEqual([400, 'content.too-long']);
    expect(await send(id, 'other')).toEqual([400, 'upload.object']);
    expect(await isThere('wrong')).toBe(false);
    expect(await isThere('right')).toBe(false);
    // Nothing half-done is left over either.
    const incoming = join(site.dataDirectory, 'content', 'incoming');
    expect(await readdir(incoming)).toEqual([]);
    const nobody = '00000000-0000-4000-8000-000000000000';
    expect(await send(nobody, 'right')).toEqual([404, 'upload.not-found']);
    expect((await declare(nobody, [fileOf('a', 'x')])).status).toBe(404);
    const [image] = [await begin('Image', { id: 'IMG00001' })];
    await site.services.store.packages.add(
      {
        name: 'I',
        kind: 'os-image',
        objects: [],
        images: [],
        packageId: PackageId.parse('IMG00001'),
      },
      0,
    );
    await declare(image, [fileOf('a', 'S')]);
    expect((await commit(image)).body.code).toBe('package.exists');
  });

  it('has at most 100,000 files', async () => {
    const id = await begin('Many');
    const file = openSqlite(join(site.dataDirectory, 'site.sqlite'));
    const many = file.db.updateTable('uploads').set({ file_count: 99_999 });
    await many.where('id', '=', id).execute();
    file.close();
    expect((await declare(id, [fileOf('last', 'S')])).status).toBe(200);
    expect((await declare(id, [fileOf('one-more', 'S')])).body.code).toBe('package.too-many-files');
  });
});

describe('M06 an upload that was left', () => {
  const sweep = (hours: number, keep: ReadonlySet<Sha256> = new Set()) =>
    sweepUploads({
      store: site.services.store,
      intake: site.services.intake,
      received: { sweep: async () => {} },
      keep,
      nowMs: () => Date.now() + hours * 3_600_000,
    });

  it('goes on where it was within a day, then what came for it alone is taken away', async () => {
    const kept = await begin('Kept');
    await declare(kept, [fileOf('shared', 'shared')]);
    await send(kept, 'shared');
    await commit(kept);
    const left = await begin('Left');
    await declare(left, [
      fileOf('shared', 'shared'),
      fileOf('own', 'own'),
      fileOf('agent', 'agent'),
      fileOf('never came', 'never came'),
    ]);
    await send(left, 'own');
    await send(left, 'agent');
    await sweep(23);
    expect(await isThere('own')).toBe(true);
    expect((await declare(left, [fileOf('own2', 'own')])).body.missing).toEqual([]);

    await sweep(25, new Set([hashOf('agent')]));
    expect(await Promise.all(['own', 'shared', 'agent'].map(isThere))).toEqual([false, true, true]);
    expect((await commit(left)).body.code).toBe('upload.not-found');
    // What is gone is asked for again.
    const anew = await begin('Left');
    expect((await declare(anew, [fileOf('own', 'own')])).body.missing).toEqual([hashOf('own')]);
  });

  it('is taken away by the next sweep when one was cut off', async () => {
    const id = await begin('Cut');
    await declare(id, [fileOf('cut', 'cut off')]);
    await send(id, 'cut off');
    // Marked in the database, and then the power went.
    await site.services.store.uploads.expire(Date.now() + 48 * 3_600_000);
    expect(await isThere('cut off')).toBe(true);
    await sweep(0);
    expect(await isThere('cut off')).toBe(false);
    expect(await sweep(0)).toBe(0);
  });
});
