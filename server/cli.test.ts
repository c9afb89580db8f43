import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DRIVER_INDEX, DriverIndex } from '#agent/drivers/driver-index.ts';
import { ContentManifest } from '#agent/protocol/content.ts';
import { DeviceId } from '#agent/protocol/identity.ts';
import { runHere } from './cli/testing/run-here.ts';
import {
  addDevice,
  addFacts,
  addLog,
  runFinished,
  runStarted,
  startRun,
} from './http/routes/operator/test-bench.ts';
import { openTestConsole, type TestConsole } from './http/routes/operator/test-console.ts';

const cli = new URL('./cli.ts', import.meta.url).pathname;

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the command as people do: a process of its own. */
function metalwright(
  argv: readonly string[],
  whileRunning?: (out: string) => void,
): Promise<Ended> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', cli, ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    whileRunning?.(out);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, err }));
  });
}

/** Runs the same command line in this process: starting one takes most of a second. */
async function here(argv: readonly string[], input = ''): Promise<Ended> {
  return runHere(argv, { input: async () => input });
}

describe('as a client', () => {
  let site: TestConsole;
  let server: string[];
  beforeAll(async () => {
    site = await openTestConsole({ tls: true });
    server = ['--server', await site.listen(), '--data', site.dataDirectory];
  });
  afterAll(() => site[Symbol.asyncDispose]());
  const run = (...argv: string[]) => here([...argv, ...server]);

  it('says of each empty list what to do next', async () => {
    const lists = await Promise.all(
      ['device', 'run', 'image', 'package', 'sequence', 'deployment'].map((what) =>
        run(what, 'list'),
      ),
    );
    for (const { code, out, err } of lists) {
      expect([code, err]).toEqual([0, '']);
      expect(out).toMatch(/metalwright [a-z]+/);
    }
    expect(JSON.parse((await run('device', 'list', '--json')).out)).toEqual([]);
  });

  it('goes from a sequence to a deployment, and finds devices by serial and MAC', async () => {
    const file = join(site.dataDirectory, 'bench.yaml');
    await writeFile(
      file,
      'name: Bench\nsteps:\n  - step: Again\n    type: restart\n    params: { target: pe }\n',
    );
    expect((await here(['sequence', 'check', file])).out).toBe(
      '"Bench" is well formed. Whether its images exist is checked by sequence add, or here with --server\n',
    );
    expect((await run('sequence', 'add', file)).out).toMatch(
      /^stored "Bench" as MW1\w+, version 1\n$/,
    );
    expect((await run('collection', 'create', 'Bench one')).code).toBe(0);

    const rows = join(site.dataDirectory, 'pcs.csv');
    await writeFile(rows, 'PC01,,00-11-22-33-44-55\nPC02,55555555-5555-5555-5555-555555555555,\n');
    expect((await run('device', 'import', rows)).out).toBe('new 2, changed 0, there already 0\n');
    const added = await run('collection', 'add', 'Bench one', '00:11:22:33:44:55', 'pc02');
    expect(added.out).toBe('"Bench one" has 2 members now\n');
    const removed = await run('collection', 'remove', 'bench one', 'PC02');
    expect(removed.out).toBe('"Bench one" has 1 member now\n');
    const deployed = await run(
      'deploy',
      'Bench',
      '--collection',
      'Bench one',
      '--purpose',
      'required',
    );
    expect(deployed.out).toMatch(
      /^deployed "Bench" to "Bench one" as MW1\w+: machines in it start it/,
    );
    expect((await run('deployment', 'list')).out).toMatch(
      /MW1\w+ +Bench +Bench one +required +active/,
    );
  });

  it('M12 makes collections by rules, shows and changes them', async () => {
    for (const number of [71, 72]) await addDevice(site, number, { name: `RULED-${number}` });
    const query = ['--query', 'name like "ruled-%"'];
    expect((await run('collection', 'preview', ...query)).out).toMatch(/RULED-7[12] +known/);
    const made = await run('collection', 'create', 'Ruled', ...query, '--named', 'By name');
    expect(made.out).toMatch(/^made collection "Ruled" \(MW1\w+\)\n"Ruled" has 2 members now\n$/);
    expect((await run('collection', 'create', 'Kept out', '--device', 'RULED-72')).code).toBe(0);
    const added = await run('collection', 'rule', 'add', 'Ruled', '--exclude', 'Kept out');
    expect(added.out).toBe('"Ruled" has 1 member now\n');
    const shown = await run('collection', 'show', 'ruled');
    expect(shown.out).toMatch(/exclude +Kept out[\s\S]*query +By name +name like "ruled-%"/);
    expect((await run('collection', 'members', 'ruled')).out).toMatch(/RULED-71 +known +rule/);
    const circle = await run('collection', 'set', 'Kept out', '--limit', 'Ruled');
    expect(circle.err).toContain('"Kept out" is limited by "Ruled", "Ruled" excludes "Kept out"');
    expect((await run('collection', 'copy', 'Ruled', 'Ruled too')).out).toContain('"Ruled too"');
    expect((await run('collection', 'delete', 'Ruled')).err).toContain('[collection.in-use]');
    expect((await run('collection', 'delete', 'Ruled too')).out).toBe('removed "Ruled too"\n');
    await run('collection', 'rule', 'remove', 'Ruled', '--exclude', 'Kept out');
    expect((await run('collection', 'update')).out).toBe('all collections are evaluated\n');
    expect((await run('collection', 'list')).out).toMatch(/Ruled +2 +All Systems/);
    expect((await run('collection', 'fields')).out).toMatch(/memoryGb +memory +number/);
    const wrong = await run('collection', 'create', 'Wrong', '--query', 'modell = "x"');
    expect(wrong.err).toMatch(/modell is no field .* \[query\.field\][\s\S]*Did you mean model/);
  });

  it('M15 keeps drafts, makes them ready, and shows each version as it was written', async () => {
    const file = join(site.dataDirectory, 'draft.yaml');
    const text = (more: string) =>
      `# by hand\nname: Drafted\nsteps:\n  - step: Again\n    type: restart\n    params: { target: pe }\n${more}`;
    const broken = (child: string) =>
      `  - step: ${child}\n    type: run-sequence\n    params: { sequence: { name: ${child} } }\n`;
    await writeFile(file, text(broken('One') + broken('Two')));
    const refused = await run('sequence', 'add', file);
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(
      /^error: "Drafted" cannot be ready: Step "One" .*"One" \(and 1 more\) \[sequence.reference\]\n/,
    );
    expect(refused.err).toMatch(/problem: Step "Two" .*\[sequence.child-missing\]/);
    expect((await run('sequence', 'add', file, '--draft')).out).toMatch(
      /^stored "Drafted" as MW1\w+, version 1, a draft\n {2}problem: [\s\S]*\(none get it\)/,
    );
    const draft = await run(
      'deploy',
      'Drafted',
      '--collection',
      'Bench one',
      '--purpose',
      'available',
    );
    expect(draft.err).toContain('"Drafted" is a draft');
    await writeFile(file, text(''));
    expect((await run('sequence', 'add', file, '--draft', '--base', '2')).err).toContain(
      '[sequence.version-conflict]',
    );
    await run('sequence', 'add', file, '--draft', '--base', '1');
    expect((await run('sequence', 'list')).out).toMatch(/Drafted +2 +draft .* no: .* is a draft/);
    expect((await run('sequence', 'ready', 'drafted')).out).toBe('"Drafted" is ready, version 2\n');
    expect((await run('sequence', 'show', 'Drafted')).out).toBe(text(''));
    expect((await run('sequence', 'show', 'Drafted', '--version', '1')).out).toContain('name: Two');
    expect((await run('sequence', 'versions', 'Drafted')).out).toMatch(/2 +ready .*\n1 +draft /);
    expect((await run('sequence', 'remove', 'Drafted')).out).toBe('removed "Drafted"\n');
    expect((await run('sequence', 'show', 'Drafted')).err).toContain('[sequence.not-found]');
  });

  it('says what, where and what to do, with exit code 1', async () => {
    const ended = await run(
      'deploy',
      'Bensh',
      '--collection',
      'Bench one',
      '--purpose',
      'available',
    );
    expect(ended.code).toBe(1);
    expect(ended.err).toMatch(
      /^error: There is no task sequence "Bensh" \[sequence\.not-found\]\nwhere: POST https:\/\/127\.0\.0\.1:\d+\/api\/v1\/deployments\nwhat to do: did you mean "Bench"\?\n$/,
    );
    const unknown = await run('device', 'approve', 'PC-01');
    expect([unknown.code, unknown.err]).toEqual([
      1,
      'error: there is no device "PC-01" [cli.unknown-name]\nwhat to do: did you mean PC01' +
        (unknown.err.split('did you mean PC01')[1] ?? ''),
    ]);
  });

  it.each([
    { argv: ['deploy', 'Bench'], says: "required option '--collection <name>'" },
    {
      argv: ['deploy', 'B', '--collection', 'C', '--purpose', 'sometimes'],
      says: 'available, required',
    },
    { argv: ['netboot', 'set'], says: 'nothing to set' },
    { argv: ['nonsense'], says: "unknown command 'nonsense'" },
    {
      argv: ['deploy', 'B', '--collection', 'C', '--purpose', 'required', '--yes-unknown'],
      says: '--subnet 10.0.5.0/24 --for 2h --per-hour 20',
    },
  ])('answers a wrong command line with 2: $argv', async ({ argv, says }) => {
    const ended = await run(...argv);
    expect(ended.err).toContain(says);
    expect([ended.code, ended.out]).toEqual([2, '']);
  });

  it('approves by serial number and gives a name', async () => {
    const device = await addDevice(site, 21, { name: 'MW-B07B25000021', state: 'waiting' });
    expect((await run('device', 'list', '--waiting')).out).toMatch(
      /waiting +MW-B07B25000021 +Dell Inc\. OptiPlex 7010 +7HK4W21/,
    );
    const approved = await run('device', 'approve', '7HK4W21', '--name', 'PC21');
    expect(approved.out).toMatch(/^PC21 \(\w{8}\) is approved/);
    expect(await site.services.store.devices.get(DeviceId.parse(device.id))).toMatchObject({
      state: 'approved',
      name: 'PC21',
    });
  });

  it('clears what has run on a device, and says when there is nothing to clear', async () => {
    const device = await addDevice(site, 31);
    const runId = await startRun(site, device);
    expect((await run('device', 'clear', 'PC31')).out).toContain('has no ended run to clear');
    await addFacts(site, runId, [runStarted, runFinished()]);
    expect((await site.services.store.runs.get(runId))?.clearedMs).toBeNull();
    expect((await run('device', 'clear', '7HK4W31')).out).toMatch(
      /^PC31 \(\w{8}\): what is deployed to it runs again .*\(1 ended run cleared\)\n$/,
    );
    expect((await site.services.store.runs.get(runId))?.clearedMs).not.toBeNull();
    expect(await site.services.store.audit.list(1)).toMatchObject([
      { who: 'admin', action: 'device.clear', detail: { name: 'PC31', cleared: 1 } },
    ]);
  });

  it('sets where network boots are answered, leaving the rest as it was', async () => {
    expect((await run('netboot', 'set', '--unknown', 'ignore')).out).toContain(
      'nobody is answered',
    );
    const set = await run('netboot', 'set', '--answer-on', 'bench0,office0');
    expect(set.out).toBe(
      'network boots are answered on bench0, office0\nunknown machines are not answered (ignore)\na machine in Windows Setup counts as lost after 90 minutes of silence\n',
    );
    expect((await run('netboot', 'set', '--windows-setup-lost', '240')).out).toContain(
      'counts as lost after 240 minutes',
    );
    expect((await run('netboot', 'set', '--windows-setup-lost', '5')).err).toContain(
      'windowsSetupLostMinutes',
    );
    expect((await run('status')).out).toContain('network boots are answered on bench0, office0');
  });

  it('follows a log to the end of the run, and fails as the run did', async () => {
    const run1 = await startRun(site, await addDevice(site, 22));
    await addFacts(site, run1, [runStarted]);
    await addLog(site, run1, 'early');
    const error = {
      code: 'disk.too-small',
      message: 'Disk 0 is too small',
      hint: 'take a bigger one',
    };
    let told = false;
    const followed = await metalwright(
      ['run', 'log', run1.slice(0, 8), '--follow', ...server],
      (out) => {
        if (told || !out.includes('early')) return;
        told = true;
        void addLog(site, run1, 'late', 3).then(() => addFacts(site, run1, [runFinished(error)]));
      },
    );
    expect(followed.out).toBe('08:30:05  apply-image  early\n08:30:05  apply-image  ERROR: late\n');
    expect(followed.code).toBe(1);
    expect(followed.err).toContain('error: Disk 0 is too small [disk.too-small]');
    const shown = await run('run', 'show', run1);
    expect(shown.out).toContain('state    failed');
    expect(shown.out).toContain('run failed with 0x80004005: Disk 0 is too small');
  }, 60_000);

  it('M06 stores a folder, sends what is new of it, and refuses a link by name', async () => {
    const folder = join(site.dataDirectory, 'Office setup');
    await mkdir(join(folder, 'data'), { recursive: true });
    await Promise.all([
      writeFile(join(folder, 'setup.exe'), 'MZ'.repeat(1000)),
      writeFile(join(folder, 'data', 'a.cab'), 'a'),
      writeFile(join(folder, 'data', 'empty'), ''),
    ]);
    const added = await run('package', 'add', folder);
    expect(added.out).toMatch(
      /^stored "Office setup" as MW1\w+, version 1: 3 files, 2\.0 kB; 3 sent\n$/,
    );
    await writeFile(join(folder, 'data', 'a.cab'), 'b');
    const again = await run('package', 'add', folder, '--name', 'office SETUP');
    expect(again.out).toMatch(/version 2: 3 files, 2\.0 kB; 1 sent\n$/);
    expect((await run('package', 'list')).out).toMatch(/MW1\w+ +office SETUP +2 +3 +2\.0 kB/);

    await symlink('/etc/passwd', join(folder, 'data', 'link'));
    const refused = await run('package', 'add', folder);
    expect(refused.code).toBe(1);
    expect(refused.err).toContain('error: this is a symbolic link [package.not-a-file]');
    expect(refused.err).toContain(`where: ${join(folder, 'data', 'link')}`);
    const none = await run('package', 'add', join(folder, 'nowhere'));
    expect([none.code, none.err]).toEqual([1, expect.stringContaining('[cli.file]')]);
  });

  it('M02 adds a driver package, with an index of what its drivers are for', async () => {
    const folder = await mkdtemp(join(site.dataDirectory, 'drivers-'));
    const inf =
      '[Version]\nSignature="$Windows NT$"\nClass=Net\n[Manufacturer]\nM=M,NTamd64\n' +
      '[M.NTamd64]\nCard=Install,PCI\\VEN_1234&DEV_0001\n';
    await mkdir(join(folder, 'net'));
    await writeFile(join(folder, 'autorun.inf'), '[autorun]');
    expect((await run('package', 'add', folder, '--drivers')).err).toContain('[package.no-driver]');
    await writeFile(join(folder, 'net', 'card.inf'), inf);
    await writeFile(join(folder, 'net', 'card.sys'), new Uint8Array(5 * 1024 * 1024));
    const added = await run('package', 'add', folder, '--drivers', '--category', 'Dell', 'HP');
    expect(added.err).toMatch(/^autorun\.inf is no driver/);
    expect(added.out).toMatch(/version 1: 4 files/);
    const [found] = await site.services.store.packages.list('driver-package');
    const bytes = await site.services.store.packages.manifest(found?.id ?? expect.fail());
    const { objects } = ContentManifest.parse(JSON.parse(Buffer.from(bytes ?? []).toString()));
    const object = objects.find(({ path }) => path === DRIVER_INDEX) ?? expect.fail();
    const { path } = await site.services.content.file(object.sha256);
    const index = DriverIndex.parse(JSON.parse(await readFile(path, 'utf8')));
    expect(index.categories).toEqual(['Dell', 'HP']);
    expect(index.drivers.map(({ facts }) => facts.inf)).toEqual(['net/card.inf']);
    // What the agent fetches and verifies by the index is what the server took in.
    const named = objects.filter(({ path: each }) => each.startsWith('net/'));
    expect(index.drivers[0]?.files).toEqual(named);
    expect((await run('package', 'list')).out).toContain(found?.id);
  });

  it('M10 switches child sequences on and off, and keeps who did', async () => {
    expect((await run('feature', 'list')).out).toMatch(/child-sequences +off/);
    expect((await run('feature', 'enable', 'child-sequences')).out).toBe(
      'child-sequences is on now\n',
    );
    expect((await run('feature', 'disable', 'child-sequences')).out).toBe(
      'child-sequences is off now\n',
    );
    expect((await run('feature', 'enable', 'nonsense')).code).toBe(1);
    const [off, on] = await site.services.store.audit.list(2);
    for (const [entry, enabled] of [[on, true] as const, [off, false] as const])
      expect(entry).toMatchObject({
        action: 'feature.switch',
        detail: { feature: 'child-sequences', enabled },
      });
  });

  it('M12 sets variables of a collection and a device; a secret comes from standard input', async () => {
    await run('collection', 'create', 'With variables');
    const device = await addDevice(site, 33);
    const ofCollection = ['--collection', 'with VARIABLES'];
    const set = await run('variable', 'set', 'Domain=a=b', 'Empty=', ...ofCollection);
    expect(set.out).toBe('Domain is set\nEmpty is set\n');
    const secret = ['variable', 'set', 'Joiner', '--secret', '--device', device.name];
    expect((await here([...secret, ...server], 'swordfish\n')).out).toBe('Joiner is set, secret\n');
    expect((await run('variable', 'list', ...ofCollection)).out).toMatch(
      /Domain +a=b +-\nEmpty +- +empty/,
    );
    const listed = await run('variable', 'list', '--device', device.name, '--json');
    expect(JSON.parse(listed.out)).toEqual([{ name: 'Joiner', value: '', secret: true }]);
    const grantee = { kind: 'device', id: device.id } as const;
    expect(await site.services.store.variables.list(grantee)).toHaveLength(1);

    expect((await run('collection', 'precedence', 'With variables', '9')).out).toBe(
      '"With variables" has precedence 9 now\n',
    );
    expect((await run('collection', 'precedence', 'With variables', '-1')).code).toBe(2);
    expect((await run('variable', 'set', '_SMSTSX=1', ...ofCollection)).err).toContain(
      '[variable.name]',
    );
    expect((await run('variable', 'list')).code).toBe(2);
    expect((await run('variable', 'delete', 'domain', ...ofCollection)).out).toBe(
      'domain is deleted\n',
    );
    expect((await run('variable', 'delete', 'domain', ...ofCollection)).err).toContain(
      '[variable.not-found]',
    );
    const audit = JSON.stringify(await site.services.store.audit.list(50));
    expect(audit).toContain('"variable":"Joiner"');
    expect(audit).not.toMatch(/swordfish|a=b/);
  });

  it('trusts no server but the one whose CA it has', async () => {
    await using other = await openTestConsole({ tls: true });
    const ended = await here([
      'device',
      'list',
      '--server',
      await other.listen(),
      '--data',
      site.dataDirectory,
    ]);
    expect([ended.code, ended.out]).toEqual([1, '']);
    expect(ended.err).toContain('[cli.unreachable]');
    expect(ended.err).toMatch(/certificate/i);
  });
});

it('names all that is wrong in a file, with its line, without a server', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'metalwright-cli-'));
  try {
    const file = join(directory, 'wrong.yaml');
    await writeFile(
      file,
      'name: Wrong\nsteps:\n  - step: one\n    type: aply-image\n  - step: two\n    type: restart\n',
    );
    const ended = await here(['sequence', 'check', file]);
    expect(ended.code).toBe(1);
    expect(ended.err).toContain('(line 4)');
    expect(ended.err).toContain('steps[1].params');
    expect(ended.err).toContain(`where: ${file}`);
  } finally {
    await rm(directory, { recursive: true });
  }
});

it('warns of a name that may be a mistake, with its line, and refuses nothing for it', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'metalwright-cli-'));
  try {
    const file = join(directory, 'typo.yaml');
    await writeFile(
      file,
      'name: Typo\nsteps:\n  - step: one\n    type: run-command\n    params: { commandLine: echo %_SMSTSModell% }\n',
    );
    const ended = await here(['sequence', 'check', file]);
    expect(ended.code).toBe(0);
    expect(ended.out).toContain('warning: steps[0].params.commandLine (line 5): ');
    expect(ended.out).toContain('Did you mean _SMSTSModel?');
  } finally {
    await rm(directory, { recursive: true });
  }
});

it('says where it is looked for when there is no server', async () => {
  const ended = await here(['device', 'list', '--data', '/nonexistent']);
  expect(ended.code).toBe(1);
  expect(ended.err).toContain('where: /nonexistent/');
  expect(ended.err).toContain('metalwright serve');
});

it('serve prints its address, a link that signs in, and how to let it answer; stops on SIGTERM', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'metalwright-serve-'));
  const config = join(directory, 'config.yaml');
  const data = join(directory, 'data');
  await writeFile(
    config,
    'listeners:\n  boot: { host: 127.0.0.1, port: 0 }\n  agents: { host: 127.0.0.1, port: 0 }\n  console: { host: 127.0.0.1, port: 0 }\nnetboot: { enabled: false }\nlogLevel: error\n',
  );
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', cli, 'serve', '--config', config, '--data', data],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  try {
    let out = '';
    const code = new Promise<number | null>((resolve) => void child.once('close', resolve));
    await new Promise<void>((resolve, reject) => {
      child.once('close', () => reject(new Error(`serve ended: ${out}`)));
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        out += text;
        if (out.includes('netboot set --answer-on')) resolve();
      });
    });
    const port = /^sign in +https:\/\/[^:/]+:(\d+)\/#link=[\w-]{43}$/m.exec(out)?.[1];
    expect(out).toMatch(/^It answers no machine until you say on which interface:$/m);
    expect(out).toMatch(/^boot +Linux PE \(x64\) is MISSING: .*--boot-images/m);
    expect((await stat(join(data, 'admin-token'))).mode & 0o777).toBe(0o600);

    const status = await metalwright([
      'status',
      '--data',
      data,
      '--server',
      `https://localhost:${port}`,
    ]);
    expect([status.code, status.err]).toEqual([0, '']);
    const link = await here([
      'admin-link',
      '--data',
      data,
      '--server',
      `https://localhost:${port}`,
    ]);
    expect(link.out).toMatch(/^https:\/\/localhost:\d+\/#link=[\w-]{43}\n$/);

    child.kill('SIGTERM');
    expect(await code).toBe(0);
    expect(await readFile(join(data, 'site-ca.pem'), 'utf8')).toContain('BEGIN CERTIFICATE');
  } finally {
    child.kill('SIGKILL');
    await rm(directory, { recursive: true, force: true });
  }
}, 60_000);
