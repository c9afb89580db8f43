import { mkdir, open, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { objectPath } from '#agent/protocol/content.ts';
import { DistributionPointDetail } from '#server/http/api-content.ts';
import { expectRun, seeHistory } from '../history.ts';
import { loopCase } from '../loop-bench.ts';
import { loopImage, noise } from '../loop-images.ts';
import { SERVER_ADDRESS } from '../namespace.ts';
import { objectsOf } from '../package-objects.ts';
import { defineScenario, expect, type Lab } from '../scenario.ts';
import { applyImage, formatDisk } from '../sequences.ts';
import { openSite, type SequenceDocument, type Site } from '../site.ts';
import { buildStaticWebServer, type StaticWebServer } from '../static-web-server.ts';
import { waitFor } from '../wait.ts';

const MIB = 1024 * 1024;
const BIG_MIB = 24;

/** Content from a real nginx that stops in the middle, and then has a damaged file. */
export const dpNginx = defineScenario({
  name: 'dp-nginx',
  title:
    'Content from nginx: it stops in the middle of a run, later has a damaged object, then lacks a package.',
  kind: 'loop',
  estimateSeconds: 80,
  core: false,
  async run(lab) {
    const site = await openSite(lab, 'ask');
    const { wim } = await loopImage(lab.directory, 'linux');
    await site.metalwright('image', 'add', wim, '--name', 'Loop Linux');
    const folder = join(lab.directory, 'big');
    await mkdir(folder);
    await writeFile(join(folder, 'big.bin'), noise(BIG_MIB * MIB));
    await writeFile(join(folder, 'empty.txt'), '');
    await site.metalwright('package', 'add', folder, '--name', 'Big');

    const nginx = buildStaticWebServer(lab, {
      address: SERVER_ADDRESS,
      port: 7490,
      bytesPerSecond: 4 * MIB,
    });
    await nginx.start();
    // The machine is in both groups; the narrower one is asked first.
    await site.metalwright('dp', 'add', 'Nginx', '--url', nginx.url);
    const near = ['--boundary', SERVER_ADDRESS, '--point', 'Nginx'];
    await site.metalwright('boundary-group', 'create', 'Bench', ...near);
    const far = ['--boundary', '10.77.0.0/24', '--point', 'This server'];
    await site.metalwright('boundary-group', 'create', 'Building', ...far);
    const filled = await site.metalwright('dp', 'sync', 'Nginx', '--to', nginx.folder, '--all');
    lab.see('server', filled.trim().split('\n').at(-1) ?? '');
    const checked = await site.metalwright('dp', 'verify', 'Nginx', '--folder', nginx.folder);
    lab.see('server', `dp verify: ${checked.trim()}`);

    await stoppedInTheMiddle(lab, site, nginx);
    await damagedThere(lab, site, nginx);
    await fromNeighbor(lab, site, nginx);
  },
});

function sequence(name: string): SequenceDocument {
  const use = {
    step: 'Use the package',
    type: 'run-command',
    params: {
      commandLine: `sh -c 'test $(stat -c %s big.bin) = ${BIG_MIB * MIB}'`,
      package: { name: 'Big' },
    },
  };
  return { name, steps: [use, formatDisk('ext4', 64), applyImage('Loop Linux')] };
}
const ENDS = ['Use the package: ok', 'Format the disk: ok', 'Apply the image: ok'];

/** nginx is killed after its first whole chunk: the run goes on from the server. */
async function stoppedInTheMiddle(lab: Lab, site: Site, nginx: StaticWebServer): Promise<void> {
  const document = sequence('From nginx, then not');
  const bench = await loopCase(lab, site, { number: 1, document, diskMiB: 512 });
  const ended = bench.machine.runToEnd();
  const whole = async () =>
    (await nginx.requests()).filter(({ status, bytes }) => status === 206 && bytes >= 4 * MIB);
  await waitFor('nginx has sent a chunk', async () => ((await whole())[0] ? true : undefined), {
    timeoutMs: 60_000,
    signal: lab.signal,
    everyMs: 20,
  });
  await nginx.kill();
  const chunks = (await whole()).length;
  lab.see('wire', `nginx was killed when it had sent ${chunks} of ${BIG_MIB / 4} chunks`);
  expect(chunks < BIG_MIB / 4, 'there was something left to fetch');
  const exit = await ended;
  const run = await bench.run();
  seeHistory(lab, run);
  expect(exit.code === 0, `the agent ended with 0, not ${exit.code}`, () => site.log());
  expectRun(run, ENDS);
  const log = await site.metalwright('run', 'log', run.id);
  expect(log.includes('content.unreachable'), 'the log says that nginx is away', () => log);
  const detail = await showPoint(site);
  expect(detail.reported.length === 0, 'a server that is away has no damaged content');
}

/** One object has other bytes: it is fetched elsewhere, and the server shows where it is damaged. */
async function damagedThere(lab: Lab, site: Site, nginx: StaticWebServer): Promise<void> {
  await nginx.start();
  const objects = await objectsOf(site, 'Big');
  const big = objects.find(({ sizeBytes }) => sizeBytes === BIG_MIB * MIB);
  if (big === undefined) throw new Error('the package has no big file');
  const path = join(nginx.folder, objectPath(big.sha256));
  await using file = await open(path, 'r+');
  await file.write(Buffer.alloc(1000), 0, 1000, 9 * MIB);
  expect((await stat(path)).size === BIG_MIB * MIB, 'its size is as it was');

  const document = sequence('From nginx with damage');
  const bench = await loopCase(lab, site, { number: 2, document, diskMiB: 512 });
  const exit = await bench.machine.runToEnd();
  const run = await bench.run();
  seeHistory(lab, run);
  expect(exit.code === 0, `the agent ended with 0, not ${exit.code}`, () => site.log());
  expectRun(run, ENDS);
  const { reported, packages } = await showPoint(site);
  lab.see('server', `dp show: ${reported.map(({ detail }) => detail).join('; ')}`);
  expect(
    reported.some(({ sha256, kind }) => sha256 === big.sha256 && kind === 'damaged'),
    'the server shows which object is damaged',
    () => `${JSON.stringify(reported)}\n${site.log()}`,
  );
  const damaged = packages.filter(({ state }) => state === 'damaged').map(({ name }) => name);
  expect(damaged.join() === 'Big', `"Big" is damaged there, not ${damaged.join() || 'nothing'}`);

  const repaired = await site.metalwright('dp', 'sync', 'Nginx', '--to', nginx.folder);
  lab.see('server', `dp sync: ${repaired.trim().split('\n')[0] ?? ''}`);
  const after = await showPoint(site);
  expect(after.reported.length === 0 && after.damaged === 0, 'after a sync it is whole again');
  await site.metalwright('dp', 'verify', 'Nginx');
}

/**
 * A package that is on no distribution point of the machine's own boundary group: it comes from that of a
 * neighbor, where the deployment allows it (M52), and nothing of it is kept behind its step (M29).
 */
async function fromNeighbor(lab: Lab, site: Site, nginx: StaticWebServer): Promise<void> {
  const folder = join(lab.directory, 'small');
  await mkdir(folder);
  await writeFile(join(folder, 'small.bin'), noise(MIB));
  await site.metalwright('package', 'add', folder, '--name', 'Small');
  await site.metalwright('boundary-group', 'set', 'Building', '--boundary', '10.78.0.0/24');
  await site.metalwright('boundary-group', 'set', 'Bench', '--neighbor', 'Building');
  const where = join(lab.directory, 'where-small-was');
  const command = (step: string, script: string, more: object = {}) => ({
    step,
    type: 'run-command',
    params: { commandLine: `sh -c '${script}'`, ...more },
  });
  const use = command('Use the package', `pwd > ${where} && test -s small.bin`, {
    package: { name: 'Small' },
  });
  const gone = command('Look for it again', `test ! -e "$(cat ${where})/small.bin"`);
  const asked = (await nginx.requests()).length;
  const bench = await loopCase(lab, site, {
    number: 3,
    document: { name: 'From a neighbor', steps: [use, gone] },
    diskMiB: 64,
    settings: {
      download: 'from-distribution-point',
      fallback: { neighbors: true, siteDefault: false },
    },
  });
  const exit = await bench.machine.runToEnd();
  const run = await bench.run();
  seeHistory(lab, run);
  expect(exit.code === 0, `the agent ended with 0, not ${exit.code}`, () => site.log());
  expectRun(run, ['Use the package: ok', 'Look for it again: ok']);
  const more = (await nginx.requests()).length - asked;
  expect(more === 0, `nginx, which has not got it, was not asked, nor ${more} times`);
  const located = await site.metalwright('boundary-group', 'locate', SERVER_ADDRESS, '--neighbors');
  lab.see('server', located.trim().split('\n').join('; '));
}

async function showPoint(site: Site): Promise<DistributionPointDetail> {
  return DistributionPointDetail.parse(
    JSON.parse(await site.metalwright('dp', 'show', 'Nginx', '--json')),
  );
}
