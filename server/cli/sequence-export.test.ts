import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { openTestConsole, type TestConsole } from '../http/routes/operator/test-console.ts';
import { runHere } from './testing/run-here.ts';

let site: TestConsole;
let server: string[];
beforeAll(async () => {
  site = await openTestConsole({ tls: true });
  server = ['--server', await site.listen(), '--data', site.dataDirectory];
});
afterAll(() => site[Symbol.asyncDispose]());

async function run(...argv: string[]) {
  return runHere(['sequence', ...argv, ...server]);
}
const file = (name: string) => join(site.dataDirectory, name);

const text = `name: Install
steps:
  - step: Who
    type: run-command
    params: { commandLine: whoami, runAs: { user: joe, password: S3cret } }
  - step: Later
    disabled: true
    type: apply-image
    params: { image: { name: Gone }, destination: next-available }
`;

describe('M24 sequence export and import', () => {
  it('say what went in, what did not, and what a person has to do', async () => {
    // As a server kept it that took passwords in documents yet.
    const documentJson = JSON.stringify(parse(text));
    const source = { text, format: 'yaml' } as const;
    await site.services.store.sequences.add(
      { name: 'Install', description: '', documentJson, source },
      1,
    );
    const archive = file('install.zip');
    const exported = await run('export', 'install', '--output', archive);
    expect(exported).toMatchObject({ code: 0, err: '' });
    expect(exported.out).toBe(
      `wrote ${archive}: "Install"; manifests of 0 images and packages\n` +
        '  taken out: the secret in "Install", steps[0].params.runAs.password\n' +
        '  not there: "Gone", in "Install", steps[1].params.image\n',
    );
    const told = await run('import', archive, '--report');
    expect(told.out).toContain('"Install", version 1\n');
    expect(told.out).toContain('  to put in: the secret in "Install", steps[0]');

    const imported = await run('import', archive);
    expect(imported).toMatchObject({ code: 0, err: '' });
    expect(imported.out).toMatch(
      /^"Install": new as "Install \(2\)", MW1\w+, version 1, a draft\n {2}to put in: the secret at steps\[0\]/,
    );
    expect((await run('import', archive, '--on-conflict', 'ignore')).out).toMatch(
      /^"Install": not taken in: one of that name is there, MW1\w+, version 1\n$/,
    );
    const over = await run('import', archive, '--on-conflict', 'overwrite');
    expect(over.out).toMatch(/^"Install": a new version, MW1\w+, version 2, a draft\n/);
    // Machines still get the version with its secret.
    expect((await run('list')).out).toMatch(/Install +2 +draft, version 1 is ready/);
    expect((await run('show', 'Install')).out).toBe(text.replace('S3cret', '""'));
  });

  it('tell what they cannot do, and leave nothing', async () => {
    const unknown = await run('export', 'Instal', '--output', file('none.zip'));
    expect([unknown.code, unknown.err]).toEqual([1, expect.stringContaining('"Install"')]);
    await expect(access(file('none.zip'))).rejects.toThrow();
    const nowhere = await run('export', 'Install', '--output', file('no/such/folder.zip'));
    expect(nowhere.err).toMatch(
      /^error: cannot write: .*ENOENT.* \[cli.file\]\nwhere: .*folder\.zip/,
    );
    await run('export', 'Install', '--output', file('cut.zip'));
    await writeFile(file('cut.zip'), 'PK\u0003\u0004 and no more');
    const cut = await run('import', file('cut.zip'));
    expect([cut.code, cut.err]).toEqual([1, expect.stringContaining('[import.zip-damaged]')]);
    const usage = await run('import', file('install.zip'), '--output', file('out'));
    expect([usage.code, usage.err]).toEqual([2, expect.stringContaining('[cli.usage]')]);
  });
});
