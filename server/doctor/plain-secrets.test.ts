import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { migrate } from '../store/migrate.ts';
import { sequences } from '../store/sequences.ts';
import { openSqlite } from '../store/sqlite.ts';
import { plainSecretFinding } from './plain-secrets.ts';
import { checkSqliteFile } from './sqlite-file.ts';

const join = (password: string) => ({
  step: 'Join',
  type: 'join-domain',
  params: { join: 'domain', domain: 'corp.example', account: { user: 'join', password } },
});
const row = (version: number, ...steps: object[]) => ({
  name: 'Install',
  version,
  document_json: JSON.stringify({ name: 'Install', steps: [{ group: 'All', steps }] }),
});

it('M39 names the versions and steps that have a password in the clear, and no password', () => {
  const finding = plainSecretFinding([row(1, join('Plain-0ne')), row(2, join('%JoinPassword%'))]);
  expect(finding).toMatchObject({ level: 'warning', code: 'doctor.plain-secret' });
  expect(finding.message).toContain('"Install" version 1, step "Join"');
  expect(finding.message).not.toContain('version 2');
  expect(JSON.stringify(finding)).not.toContain('Plain-0ne');
});

it('names five of many, and is content with none', () => {
  const many = Array.from({ length: 9 }, (_, index) => row(index + 1, join('Plain-0ne')));
  expect(plainSecretFinding(many).message).toMatch(/version 5, step "Join", and 4 more$/);
  expect(plainSecretFinding([row(1, { step: 'Restart', type: 'restart' })])).toMatchObject({
    level: 'ok',
  });
});

it('is looked for in the database of a data directory', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'metalwright-doctor-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const file = openSqlite(path.join(directory, 'metalwright.sqlite'));
  await migrate(file);
  const { name, document_json: documentJson } = row(1, join('Plain-0ne'));
  const source = { text: '', format: 'json' } as const;
  const wish = { name, description: '', disabled: false, documentJson, source, draft: true };
  await sequences.add(file.db, wish, 1);
  file.close();
  expect(await checkSqliteFile(directory, 0)).toContainEqual(
    expect.objectContaining({
      code: 'doctor.plain-secret',
      message: expect.stringContaining('"Install" version 1, step "Join"'),
    }),
  );
});
