import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { objectPath } from '#agent/protocol/content.ts';
import { MacAddress, SmbiosGuid } from '#agent/protocol/identity.ts';
import { agentPaths } from '#agent/protocol/paths.ts';
import { SITE_CA_FILE } from '#server/cli/client-command.ts';
import { DeploymentView, type RunDetail } from '#server/http/api.ts';
import { createTestAgent } from '#server/http/routes/agent/test-agent.ts';
import { expectRun, historyFaults, seeHistory } from '../history.ts';
import { type LoopCase, loopCase } from '../loop-bench.ts';
import { noise } from '../loop-images.ts';
import { loopIdentity, loopMac } from '../loop-machine.ts';
import { SERVER_ADDRESS } from '../namespace.ts';
import { objectsOf } from '../package-objects.ts';
import { defineScenario, expect, type Lab } from '../scenario.ts';
import { openSite, type SequenceDocument, type Site } from '../site.ts';
import { buildStaticWebServer, type StaticWebServer } from '../static-web-server.ts';
import { waitFor } from '../wait.ts';

const MIB = 1024 * 1024;
const BIG_MIB = 64;

/** *Download all content locally before starting*, in an installed system, into the cache of the client (M27). */
export const cacheFirst = defineScenario({
  name: 'cache-first',
  title:
    'All content first: the power is cut while the cache is filled, it is too small, content is not there.',
  kind: 'loop',
  estimateSeconds: 60,
  core: false,
  async run(lab) {
    const site = await openSite(lab, 'ignore');
    for (const [name, mib] of [
      ['Big', BIG_MIB],
      ['Small', 1],
    ] as const) {
      const folder = join(lab.directory, name);
      await mkdir(folder);
      await writeFile(join(folder, 'a.bin'), Buffer.concat([Buffer.from(name), noise(mib * MIB)]));
      await writeFile(join(folder, 'b.txt'), `the second file of ${name}\n`);
      await site.metalwright('package', 'add', folder, '--name', name);
    }
    const nginx = buildStaticWebServer(lab, {
      address: SERVER_ADDRESS,
      port: 7490,
      bytesPerSecond: 4 * MIB,
    });
    await nginx.start();
    await site.metalwright('dp', 'add', 'Nginx', '--url', nginx.url);
    const only = ['--boundary', SERVER_ADDRESS, '--point', 'Nginx'];
    await site.metalwright('boundary-group', 'create', 'Bench', ...only);
    await site.metalwright('dp', 'sync', 'Nginx', '--to', nginx.folder, '--all');

    await cutWhileFilling(lab, site, nginx);
    await tooSmall(lab, site, nginx);
    await notThere(lab, site, nginx);
  },
});

const proofOf = (lab: Lab, number: number) => join(lab.directory, `proof-${number}`);

function sequence(name: string, proof: string): SequenceDocument {
  const use = (of: string) => ({
    step: `Use ${of}`,
    type: 'run-command',
    params: {
      commandLine: `sh -c 'pwd >> ${proof}; test -s a.bin -a -s b.txt'`,
      package: { name: of },
    },
  });
  return { name, steps: [use('Big'), use('Small')] };
}

/** A machine whose installed system has been granted the run: the agent finds it open when it starts there. */
async function installedMachine(lab: Lab, site: Site, number: number): Promise<LoopCase> {
  const document = sequence(`All first ${number}`, proofOf(lab, number));
  const bench = await loopCase(lab, site, {
    number,
    document,
    diskMiB: null,
    settings: { download: 'first', makeAvailableTo: 'clients' },
  });
  return bench;
}

/** Asks for the run as the service of the installed system does. */
async function grant(site: Site, number: number): Promise<void> {
  const api = await site.api();
  const deployments = await api.list('/deployments', DeploymentView);
  const deployment = deployments.find(({ sequence: of }) => of.name === `All first ${number}`);
  const ca = await readFile(join(site.data, SITE_CA_FILE), 'utf8');
  const { smbiosGuid, serialNumber } = loopIdentity(number, {});
  const client = createTestAgent(`https://${SERVER_ADDRESS}:7443`, ca, {
    smbiosGuid: SmbiosGuid.parse(smbiosGuid),
    macAddresses: [MacAddress.parse(loopMac(number))],
    serialNumber: String(serialNumber),
    manufacturer: 'Acme, Inc.',
    model: 'Loop machine',
  });
  await client.register(undefined, undefined, 'full-os');
  const wish = { runId: randomUUID(), deploymentId: deployment?.id };
  const { status, text } = await client.call('POST', agentPaths.runs, wish);
  expect(status === 200, `the run is granted, not ${status}`, () => text);
}

/** The power goes while the cache is filled: what is there is not fetched again, and no step has run before. */
async function cutWhileFilling(lab: Lab, site: Site, nginx: StaticWebServer): Promise<void> {
  const bench = await installedMachine(lab, site, 1);
  await grant(site, 1);
  await bench.machine.startInOs();
  const whole = async () =>
    (await nginx.requests()).filter(({ status, bytes }) => status === 206 && bytes >= 4 * MIB);
  // Four come at once: when eight have come, the first four are on the disk.
  await waitFor('eight chunks have come', async () => (await whole())[7], {
    timeoutMs: 60_000,
    signal: lab.signal,
    everyMs: 20,
    evidence: () => site.log(),
  });
  await bench.machine.cutPower();
  const before = (await whole()).length;
  lab.see('machine', `the power was cut when ${before} of ${BIG_MIB / 4} chunks had come`);
  expect(!existsSync(proofOf(lab, 1)), 'no step has run');
  const held = await bench.run();
  expect(held.endedMs === null, 'the run is open');
  expect(
    held.events.every(({ fact }) => fact.kind === 'run-started'),
    'no step has begun',
    () => JSON.stringify(held.events),
  );
  const exit = await bench.machine.runToEnd('full-os');
  const run = await bench.run();
  seeHistory(lab, run);
  expect(exit.code === 0, `the agent ended with 0, not ${exit.code}`, () => site.log());
  expectRun(run, ['Use Big: ok', 'Use Small: ok']);
  const again = (await whole()).length - before;
  lab.see('wire', `${again} chunks were fetched after the cut`);
  expect(again <= BIG_MIB / 4 - 4, 'what was there is not fetched again');
  expect(again >= BIG_MIB / 4 - before, 'what was not there is');
  const folders = (await readFile(proofOf(lab, 1), 'utf8')).trim().split('\n');
  lab.see('machine', `the steps worked in ${folders.join(' and ')}`);
  expect(
    folders.length === 2 && folders.every((folder) => folder.startsWith(bench.machine.cacheFolder)),
    'each step worked once, in the cache',
    () => folders.join('\n'),
  );
}

/** A cache that may hold less than the run needs: nothing is fetched. */
async function tooSmall(lab: Lab, site: Site, nginx: StaticWebServer): Promise<void> {
  const bench = await installedMachine(lab, site, 2);
  await site.metalwright('variable', 'set', '--device', 'LOOP-2', 'MetalwrightCacheSizeMB=20');
  await grant(site, 2);
  const asked = (await nginx.requests()).length;
  await bench.machine.runToEnd('full-os');
  await failsBefore(lab, await bench.run(), { code: 'content.cache-too-small', number: 2 });
  // A byte of each package is asked for, to see that it can be had.
  const bytes = (await nginx.requests()).slice(asked).reduce((sum, one) => sum + one.bytes, 0);
  expect(bytes <= 2, `nothing was fetched, not ${bytes} bytes`);
}

/** A file that no source has, found when the cache is filled. */
async function notThere(lab: Lab, site: Site, nginx: StaticWebServer): Promise<void> {
  const bench = await installedMachine(lab, site, 3);
  await grant(site, 3);
  const missing = (await objectsOf(site, 'Small')).find(({ path }) => path === 'b.txt');
  if (missing === undefined) throw new Error('the package has no second file');
  await rm(join(nginx.folder, objectPath(missing.sha256)));
  await bench.machine.runToEnd('full-os');
  await failsBefore(lab, await bench.run(), { code: 'content.missing', number: 3 });
}

async function failsBefore(
  lab: Lab,
  run: RunDetail,
  { code, number }: { readonly code: string; readonly number: number },
): Promise<void> {
  seeHistory(lab, run);
  const text = () => JSON.stringify(run.error);
  expect(run.state === 'failed', `the run has failed, it is ${run.state}`, text);
  expect(run.error?.code === code, `by ${code}`, text);
  expect(
    run.error?.message.startsWith('All content was to be here before the first step') === true,
    'and says what was to be done',
    text,
  );
  lab.see('server', `${run.error?.code}: ${run.error?.message}`);
  expect(!existsSync(proofOf(lab, number)), 'no step has run');
  const steps = run.events.filter(({ fact }) => fact.kind.startsWith('step-'));
  expect(steps.length === 0, 'no step is in its history', () => JSON.stringify(steps));
  expect(historyFaults(run.events).length === 0, 'its history is whole');
}
