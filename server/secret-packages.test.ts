import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { request } from 'undici';
import { describe, expect, it } from 'vitest';
import { CHUNK_BYTES, objectPath } from '#agent/protocol/content.ts';
import { agentPaths } from '#agent/protocol/paths.ts';
import type { RunGrant } from '#agent/protocol/policy.ts';
import { type RunFact } from '#agent/protocol/run-event.ts';
import { objectSeal } from '#agent/protocol/sealed-object.ts';
import { ReleasedSecrets } from '#agent/protocol/step-secrets.ts';
import { runHere } from './cli/testing/run-here.ts';
import { sendFile } from './content/send-file.ts';
import { sendFacts, startRun, type TestMachine, type TestSite } from './test-machines.ts';
import { stepStarted } from './testing/run-facts.ts';
import { withTestSite } from './testing/with-test-site.ts';

const SECRET = 'correct-horse-battery-staple';
const big = Buffer.alloc(CHUNK_BYTES + 1000, `${SECRET} `);
let site: TestSite;
withTestSite(async (opened) => {
  site = opened;
  await mkdir(join(site.directory, 'src', 'deep'), { recursive: true });
  await writeFile(join(site.directory, 'src', 'unattend.xml'), `<Password>${SECRET}</Password>`);
  await writeFile(join(site.directory, 'src', 'deep', 'big.bin'), big);
  await writeFile(join(site.directory, 'src', 'empty'), '');
});

async function cli(...argv: string[]) {
  const server = site.app.addresses.console.replace(/\d+\.\d+\.\d+\.\d+/, 'localhost');
  return runHere([...argv, '--server', server, '--data', join(site.directory, 'data')]);
}
const ask = async ({ agent }: TestMachine, { runId }: RunGrant, step: string, packages: string[]) =>
  (await agent.call('POST', agentPaths.secrets(runId), { for: 'step', step, packages })).json;

/** Files below a folder that have the text, or a part of its repetition. */
async function filesWithSecret(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && (await readFile(path)).includes(SECRET)) found.push(path);
  }
  return found;
}

describe('M39 M52 a package that is secret', () => {
  it('is sealed before it is sent: here, on a distribution point, and for whoever reads the wire', async () => {
    const added = await cli(
      'package',
      'add',
      join(site.directory, 'src'),
      '--name',
      'Secrets',
      '--secret',
    );
    expect(added).toMatchObject({ code: 0, err: '' });
    expect(added.out).toContain('stored "Secrets", sealed, as');
    expect((await cli('package', 'list')).out).toMatch(/SECRET[^\n]*\n.*Secrets.* yes /);
    expect(await filesWithSecret(join(site.directory, 'data'))).toEqual([]);

    const web = join(site.directory, 'web');
    const point = createServer((asked, answer) => {
      const path = join(web, asked.url ?? '');
      readFile(path).then(
        ({ length }) => sendFile(asked, answer, { path, sizeBytes: length }),
        () => answer.writeHead(404).end(),
      );
    });
    await new Promise<void>((done) => point.listen(0, '127.0.0.1', done));
    try {
      const address = point.address();
      const port = typeof address === 'object' ? address?.port : '';
      await cli('dp', 'add', 'Branch', '--url', `http://127.0.0.1:${port}`);
      expect(await cli('dp', 'sync', 'Branch', '--to', web, '--all')).toMatchObject({
        code: 0,
        err: '',
      });
      expect(await cli('dp', 'verify', 'Branch')).toMatchObject({
        code: 0,
        out: '3 objects were read, 0 are not right\n',
      });
      expect(await filesWithSecret(web)).toEqual([]);
    } finally {
      point.close();
    }
  });

  it('a driver package cannot be one, nor files that are not sealed', async () => {
    const drivers = await cli(
      'package',
      'add',
      join(site.directory, 'src'),
      '--drivers',
      '--secret',
    );
    expect([drivers.code, drivers.err]).toEqual([2, expect.stringContaining('[cli.usage]')]);
  });

  it('its key is given to the granted machine while a step runs, of the version that the run has', async () => {
    const machine = await site.machine();
    const sequence = await site.store({
      name: 'Uses secrets',
      steps: [
        { step: 'Say', type: 'set-variable', params: { name: 'Said', value: 'yes' } },
        {
          step: 'Use',
          type: 'run-command',
          params: { commandLine: 'sh use.sh', package: { name: 'Secrets' } },
        },
      ],
    });
    const grant = await startRun(machine, await site.deploy(sequence, [machine]));
    const [content] = Object.values(grant.content);
    if (content?.kind !== 'found') throw new Error('not found');
    const { packageId, sealed, objects } = content.manifest;
    expect(sealed).toBe(1);
    // The next version has a key of its own, and the run goes on with the one that it began with.
    await cli('package', 'add', join(site.directory, 'src'), '--name', 'Secrets', '--secret');
    const started: RunFact = {
      kind: 'run-started',
      documentSha256: grant.documentSha256,
      agentVersion: '1',
      machineKey: 'm',
      variables: [],
      environment: 'full-os',
    };
    await sendFacts(machine, grant.runId, [started]);
    expect((await ask(machine, grant, '1', [packageId]))['code']).toBe('secret.step');
    await sendFacts(machine, grant.runId, [stepStarted('1')], 2);
    expect((await ask(await site.machine(), grant, '1', [packageId]))['code']).toBe('run.key');
    expect((await ask(machine, grant, '1', ['MW1NONE1']))['code']).toBe('secret.package');
    const given = ReleasedSecrets.parse(await ask(machine, grant, '1', [packageId]));
    expect(given).toEqual(ReleasedSecrets.parse(await ask(machine, grant, '1', [packageId])));
    const [released] = given.packages;
    const key = Buffer.from(released?.key ?? '', 'base64');

    const object = objects.find(({ path }) => path === 'deep/big.bin');
    if (object === undefined) throw new Error('no big.bin');
    const answer = await request(`${content.sources[0]}${objectPath(object.sha256)}`);
    const bytes = new Uint8Array(await answer.body.arrayBuffer());
    const seal = objectSeal(key, object.path);
    const opened = object.chunks.map((_none, index) =>
      seal.open(
        index,
        index === object.chunks.length - 1,
        bytes.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES),
      ),
    );
    expect(Buffer.concat(opened).equals(big)).toBe(true);

    const releases = await site.app.store.audit.list(10, { action: 'secret.release' });
    expect(releases.map(({ detail }) => detail)).toMatchObject([
      { for: 'step 1', packages: [packageId] },
    ]);
    const database = await filesWithKey(join(site.directory, 'data'), released?.key ?? '');
    expect(database).toEqual([]);
  });

  it('stays at home when its task sequence is exported, and that is said', async () => {
    const file = join(site.directory, 'out.zip');
    const exported = await cli(
      'sequence',
      'export',
      'Uses secrets',
      '--with',
      'content',
      '--output',
      file,
    );
    expect(exported).toMatchObject({ code: 0, err: '' });
    expect(exported.out).toMatch(/left out: "Secrets" \(\w+\) is secret/);
    const whole = await readFile(file);
    expect(whole.length).toBeLessThan(10_000);
  });
});

/** Files that have the key, in base64, hex or as it is. */
async function filesWithKey(folder: string, key: string): Promise<string[]> {
  const bytes = Buffer.from(key, 'base64');
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const text = await readFile(path);
    if (
      [bytes, Buffer.from(key), Buffer.from(bytes.toString('hex'))].some((one) =>
        text.includes(one),
      )
    )
      found.push(path);
  }
  return found;
}
