import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ContentObject, objectPath } from '#agent/protocol/content.ts';
import { DistributionPointDetail } from '#server/http/api-content.ts';
import { enrolMachine, openBench } from '../bench.ts';
import { runCommand } from '../child.ts';
import { variableOf } from '../deployment.ts';
import { expectRun, seeHistory, waitForRun } from '../history.ts';
import { noise } from '../loop-images.ts';
import { BRIDGE } from '../namespace.ts';
import { objectsOf } from '../package-objects.ts';
import { buildSamba } from '../samba.ts';
import { defineScenario, expect, type Lab, Mismatch } from '../scenario.ts';
import { shell } from '../sequences.ts';
import type { Site } from '../site.ts';
import { waitFor } from '../wait.ts';

const MIB = 1024 * 1024;
const BIG_MIB = 96;
const SAMBA_ADDRESS = '10.77.0.9';
const PASSWORD = 'canary-right-5c21';
const WRONG_PASSWORD = 'canary-wrong-90ab';
const BOOT_MS = 600_000;

/** Content from a real samba, which takes the second of two accounts, has a damaged object, dies, and comes back. */
export const dpShare = defineScenario({
  name: 'dp-share',
  title:
    'Content from a share: with the account that it takes, around a damaged object, on when it is gone, again when it is back.',
  kind: 'machine',
  estimateSeconds: 240,
  core: false,
  async run(lab) {
    const bench = await openBench(lab, { bus: 'ahci', hardware: { firmware: 'bios-rom' } });
    const { site, machine } = bench;
    await runCommand(['ip', 'addr', 'add', `${SAMBA_ADDRESS}/24`, 'dev', BRIDGE]);
    const samba = await buildSamba(lab, { address: SAMBA_ADDRESS, password: PASSWORD });
    await samba.start();
    for (const [name, mib] of [
      ['Small', 1],
      ['Damaged', 12],
      ['Big', BIG_MIB],
      ['Last', 1],
    ] as const)
      await addPackage(lab, site, name, mib);
    await site.metalwright('dp', 'add', 'Samba', '--share', samba.share);
    // The machine is in both groups; the narrower one is asked first.
    const near = ['--boundary', '10.77.0.100-10.77.0.199', '--point', 'Samba'];
    await site.metalwright('boundary-group', 'create', 'Bench', ...near);
    const far = ['--boundary', '10.77.0.0/24', '--point', 'This server'];
    await site.metalwright('boundary-group', 'create', 'Building', ...far);
    await site.metalwright('dp', 'sync', 'Samba', '--to', samba.folder, '--all');
    lab.see('server', (await site.metalwright('dp', 'list')).trim().split('\n').at(-1) ?? '');

    await withoutAccount(lab, site);
    for (const [name, password, position] of [
      ['Old', WRONG_PASSWORD, 1],
      ['Reader', PASSWORD, 2],
    ] as const) {
      const file = join(lab.directory, `password-of-${name}`);
      await writeFile(file, `${password}\n`);
      const kind = ['--kind', 'network-access', '--position', String(position)];
      const who = ['--user', samba.user, '--password-file', file];
      await site.metalwright('account', 'add', name, ...kind, ...who);
    }
    const bad = await objectOf(site, 'Damaged');
    await using file = await open(join(samba.folder, pathOf(bad)), 'r+');
    await file.write(Buffer.alloc(1000), 0, 1000, 9 * MIB);

    const steps = [
      use('Small', 1),
      shell('Look at the mounts', 'grep " cifs " /proc/mounts', { outputVariable: 'LabMounts' }),
      use('Damaged', 12),
      use('Big', BIG_MIB),
      // As long as a source that was away twice stays behind the others, 30 s, and until samba is there again.
      shell('Wait', `sleep 40; until (: < /dev/tcp/${SAMBA_ADDRESS}/445); do sleep 1; done`),
      use('Last', 1),
    ];
    await site.addSequence({ name: 'From a share', steps });
    await enrolMachine(bench, 'Bench');
    await site.metalwright(
      'deploy',
      'From a share',
      '--collection',
      'Bench',
      '--purpose',
      'required',
    );
    await machine.powerOn();

    const big = pathOf(await objectOf(site, 'Big'));
    const opened = async () => (await samba.opened()).filter((path) => path === big);
    await waitFor(
      'samba sends the big file',
      async () => {
        const [ended] = (await site.runs()).filter(({ endedMs }) => endedMs !== null);
        if (ended !== undefined) throw new Mismatch(await site.metalwright('run', 'log', ended.id));
        // Once before the first step, to see that it can be had; then to be read.
        return (await opened())[1];
      },
      { timeoutMs: BOOT_MS, signal: lab.signal, everyMs: 20, evidence: () => site.log() },
    );
    await samba.kill();
    lab.see('server', `samba was killed in the middle of ${BIG_MIB} MiB`);
    await waitForRun(lab, site, {
      timeoutMs: BOOT_MS,
      until: ({ events }) =>
        events.some(({ fact }) => fact.kind === 'step-finished' && fact.name === 'Use Big'),
    });
    await samba.start();
    lab.see('server', 'samba runs again');
    const run = await waitForRun(lab, site, { timeoutMs: BOOT_MS });
    seeHistory(lab, run);
    expectRun(
      run,
      ['Use Small', 'Look at the mounts', 'Use Damaged', 'Use Big', 'Wait', 'Use Last'].map(
        (name) => `${name}: ok`,
      ),
    );
    const mounts = variableOf(run, 'LabMounts') ?? '';
    lab.see('machine', mounts.trim());
    expect(
      / ro,nosuid,nodev,noexec,/.test(mounts),
      'it is mounted for reading alone',
      () => mounts,
    );
    const text = await site.metalwright('run', 'log', run.id);
    for (const line of text.split('\n').filter((one) => / content\.[a-z-]+: /.test(one)))
      lab.see('machine', line.trim().slice(0, 200));
    expect(text.includes('content.unreachable'), 'the log says that it went away', () => text);
    const last = pathOf(await objectOf(site, 'Last'));
    const since = await samba.opened();
    const read = since.filter((path) => path === last).length;
    expect(read > 1, 'the last one was read from the share that is back', () => since.join('\n'));
    await damageIsTold(lab, site, bad.sha256);
    await nothingSecret(lab, site, run.id, await machine.serial());
  },
});

/** A package with one file of noise, as long as its name says nothing else. */
async function addPackage(lab: Lab, site: Site, name: string, mib: number): Promise<void> {
  const folder = join(lab.directory, name);
  await mkdir(folder);
  await writeFile(
    join(folder, `${name}.bin`),
    Buffer.concat([Buffer.from(name), noise(mib * MIB)]),
  );
  await site.metalwright('package', 'add', folder, '--name', name);
}

function use(name: string, mib: number): Record<string, unknown> {
  const size = mib * MIB + name.length;
  return {
    step: `Use ${name}`,
    type: 'run-command',
    params: {
      commandLine: `sh -c 'test $(stat -c %s ${name}.bin) = ${size}'`,
      package: { name },
    },
  };
}

/** While there is no account to read it with, no machine is sent there, and the site says why. */
async function withoutAccount(lab: Lab, site: Site): Promise<void> {
  const located = await site.metalwright('boundary-group', 'locate', '10.77.0.100');
  lab.see('server', `without an account: ${located.trim().split('\n').join('; ')}`);
  expect(located.includes('account.content-share'), 'it says which account is missing');
  expect(!located.includes('1. Samba'), 'no machine is sent to the share');
}

async function damageIsTold(lab: Lab, site: Site, sha256: string): Promise<void> {
  const shown = await site.metalwright('dp', 'show', 'Samba', '--json');
  const { reported } = DistributionPointDetail.parse(JSON.parse(shown));
  lab.see('server', `dp show: ${reported.map(({ detail }) => detail).join('; ')}`);
  expect(
    reported.some((one) => one.sha256 === sha256 && one.kind === 'damaged'),
    'the server shows which object is damaged',
    () => JSON.stringify(reported),
  );
  expect(reported.length === 1, 'and nothing else', () => JSON.stringify(reported));
}

/** Neither password is in what the machine or the server said. */
async function nothingSecret(lab: Lab, site: Site, run: string, serial: string): Promise<void> {
  const said = {
    "the server's log": site.log(),
    'the log of the run': await site.metalwright('run', 'log', run),
    'its history': JSON.stringify(await site.run(run)),
    'the serial port': serial,
    'the audit log': await site.metalwright('audit'),
  };
  for (const [where, text] of Object.entries(said))
    for (const password of [PASSWORD, WRONG_PASSWORD])
      expect(!text.includes(password), `no password is in ${where}`);
  const released = await site.metalwright('audit', '--action', 'secret.release');
  expect(
    released.includes('Reader'),
    'who was given the accounts is in the audit log',
    () => released,
  );
  lab.see('server', `no password in ${Object.keys(said).join(', ')}`);
}

/** The one object of a package. */
async function objectOf(site: Site, name: string): Promise<ContentObject> {
  const [object] = await objectsOf(site, name);
  if (object === undefined) throw new Error(`package ${name} has no file`);
  return object;
}

/** As samba names it. */
function pathOf({ sha256 }: ContentObject): string {
  return objectPath(sha256).slice(1);
}
