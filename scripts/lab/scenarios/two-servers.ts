import { cp, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { NetbootSettings, type RunDetail } from '#server/http/api.ts';
import { startTestCluster } from '#server/store/postgres/test-cluster.ts';
import { historyFaults, waitForRun } from '../history.ts';
import { deployTo } from '../loop-bench.ts';
import { buildLoopMachine, loopMac } from '../loop-machine.ts';
import { BRIDGE, FOREIGN_ADDRESS, FOREIGN_INTERFACE, SERVER_ADDRESS } from '../namespace.ts';
import { askPxe, type PxeAnswers } from '../pxe-clients.ts';
import { defineScenario, expect } from '../scenario.ts';
import { shell } from '../sequences.ts';
import { makeSite, openSite, type SequenceDocument } from '../site.ts';
import { waitFor } from '../wait.ts';

/** Keys of the site that a second server is given. */
const KEYS = ['site-ca.key', 'site-ca.pem', 'boot-signing.key', 'site-secret'];
const MACHINES = [1, 2, 3, 4];
const CLIENTS = Array.from({ length: 24 }, (_, index) => index + 1);
const STEPS = 12;

/** Two servers, each a host of its own, on one PostgreSQL; one is killed while all machines run. */
export const twoServers = defineScenario({
  name: 'two-servers',
  title: 'Two servers on one PostgreSQL: PXE is answered once; one is killed, every run goes on.',
  kind: 'loop',
  estimateSeconds: 75,
  core: false,
  async run(lab) {
    const cluster = lab.use(await startTestCluster({ fsync: true, host: SERVER_ADDRESS }));
    cluster.createDatabase('site');
    const databaseUrl = cluster.url('site');
    const first = await openSite(lab, 'ask', { name: 'first', databaseUrl });
    const second = lab.use(
      makeSite(lab, {
        name: 'second',
        databaseUrl,
        host: { namespace: lab.foreignNamespace, address: FOREIGN_ADDRESS },
      }),
    );
    await mkdir(second.data, { recursive: true });
    for (const file of KEYS) await cp(join(first.data, file), join(second.data, file));
    await second.start();
    await (await second.api()).call('PUT', '/netboot', NetbootSettings, {
      json: { answerOn: [BRIDGE, FOREIGN_INTERFACE], unknownMachines: 'ask' },
    });
    lab.see('server', `${cluster.sql('site', 'select count(*) from servers').trim()} servers`);
    // One second for a beat, and what a snapshot takes on a busy machine.
    await pause(4000, undefined, { signal: lab.signal });

    const both = await askPxe(CLIENTS);
    const shares = sharesOf(both);
    lab.see('wire', `PXE answered by ${formatShares(shares)}`);
    expect(
      [...both.values()].every((answers) => answers.length === 1),
      'each client is answered by one server',
      () => JSON.stringify([...both]),
    );
    expect(shares.size === 2, 'both servers have their share', () => formatShares(shares));

    const document: SequenceDocument = {
      name: 'Long work',
      steps: Array.from({ length: STEPS }, (_, index) => {
        const file = join(lab.directory, 'effects');
        return shell(`Work ${index}`, `echo $$ ${index} >>${file}; sleep 1`);
      }),
    };
    const machines = [];
    for (const number of MACHINES) {
      const site = number % 2 === 0 ? second : first;
      machines.push(lab.use(await buildLoopMachine(lab, site, { number, disks: [] })));
      const name = nameOf(number);
      await deployTo(first, { name, mac: loopMac(number), document: { ...document, name } });
    }
    const ended = Promise.all(machines.map((machine) => machine.runToEnd()));
    await waitFor(
      'every machine is in the middle of its run',
      async () => {
        const runs = await second.runs();
        const details = await Promise.all(runs.map(({ id }) => second.run(id)));
        return details.length === MACHINES.length &&
          details.every(({ events }) => events.length > 6)
          ? true
          : undefined;
      },
      { timeoutMs: 120_000, signal: lab.signal, evidence: () => first.log() + second.log() },
    );
    await first.kill();
    const killedMs = performance.now();
    lab.see('server', 'the first server is killed');
    const exits = await ended;
    expect(
      exits.every(({ code }) => code === 0),
      'every agent ends well',
      () => JSON.stringify(exits) + second.log(),
    );
    const effects = (await readFile(join(lab.directory, 'effects'), 'utf8')).trim().split('\n');
    expect(
      effects.length === MACHINES.length * STEPS,
      `each step had its effect once: ${effects.length} of ${MACHINES.length * STEPS}`,
    );
    for (const number of MACHINES) {
      const run: RunDetail = await waitForRun(lab, second, {
        timeoutMs: 30_000,
        of: nameOf(number),
      });
      const faults = historyFaults(run.events);
      lab.see('history', `${nameOf(number)}: ${run.state}, ${run.events.length} events`);
      expect(run.state === 'succeeded', `the run of ${nameOf(number)} succeeded`, () => run.state);
      expect(faults.length === 0, 'no event is lost or doubled', () => faults.join('\n'));
      const restarts = run.events.filter(({ fact }) => fact.kind === 'step-interrupted');
      expect(restarts.length === 0, 'no step was interrupted', () => JSON.stringify(restarts));
    }
    const doubled = cluster.sql(
      'site',
      'select count(*) from (select run_id, seq from events group by 1, 2 having count(*) > 1) x',
    );
    expect(doubled.trim() === '0', 'no event is twice in the database', () => doubled);

    await pause(Math.max(0, 9000 - (performance.now() - killedMs)), undefined, {
      signal: lab.signal,
    });
    const alone = sharesOf(await askPxe(CLIENTS));
    lab.see('wire', `PXE answered by ${formatShares(alone)}`);
    expect(
      alone.get(FOREIGN_ADDRESS) === CLIENTS.length,
      'the second server answers all machines now',
      () => formatShares(alone),
    );
  },
});

function nameOf(number: number): string {
  return `LOOP-${number}`;
}

/** How many clients each server answered. */
function sharesOf(answers: PxeAnswers): Map<string, number> {
  const all = [...answers.values()].flat();
  return new Map(
    [...new Set(all)].map((server) => [server, all.filter((one) => one === server).length]),
  );
}

function formatShares(shares: ReadonlyMap<string, number>): string {
  return [...shares].map(([server, count]) => `${server}: ${count}`).join(', ');
}
