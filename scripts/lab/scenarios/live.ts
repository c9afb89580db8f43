import { describeFact, describeProgress } from '#server/cli/run-text.ts';
import type { RunDetail, RunView } from '#server/http/api.ts';
import { type Bench, enrolMachine, LAB_MACHINE, openBench } from '../bench.ts';
import { DEPLOYMENT_MS } from '../deployment.ts';
import { waitForRun } from '../history.ts';
import { FOREIGN_ADDRESS, SERVER_ADDRESS } from '../namespace.ts';
import { defineScenario, expect, type Lab } from '../scenario.ts';
import { demonstration, LAB_IMAGE } from '../sequences.ts';
import { waitFor } from '../wait.ts';

/** Seconds between two lines about the same step. */
const PROGRESS_SECONDS = 3;

/** What `scripts/run --lab` shows: one machine, from an empty disk to its own OS, told as it happens. */
export const live = defineScenario({
  name: 'live',
  title: 'A virtual machine is deployed before your eyes.',
  kind: 'machine',
  estimateSeconds: 150,
  core: false,
  async run(lab) {
    lab.see('server', `${SERVER_ADDRESS}, beside the site's DHCP server ${FOREIGN_ADDRESS}`);
    const bench = await openBench(lab);
    const { site, machine } = bench;
    await site.metalwright('image', 'add', lab.images.osImage, '--name', LAB_IMAGE);
    await site.addSequence(demonstration('Debian from bare metal'));
    await enrolMachine(bench, 'Bench');
    const aim = ['--collection', 'Bench', '--purpose', 'required'];
    lab.see('server', (await site.metalwright('deploy', 'Debian from bare metal', ...aim)).trim());
    await machine.powerOn();
    lab.see('machine', `${LAB_MACHINE.name} is switched on; its disk is empty`);
    await tellDecision(lab, bench);
    const run = await tellRun(lab, bench);
    await machine.cutPower();
    console.log(`\n${(await site.metalwright('run', 'show', run.id)).trim()}`);
    expect(run.state === 'succeeded', 'the run succeeded', () => site.log());
  },
});

async function tellDecision(lab: Lab, { site }: Bench): Promise<void> {
  const decision = await waitFor(
    'the machine asks for a network boot',
    async () => (await site.decisions()).find(({ outcome }) => outcome === 'answered'),
    { timeoutMs: 120_000, signal: lab.signal, evidence: () => site.log() },
  );
  lab.see('wire', `${decision.mac} (${decision.architecture}) is answered: ${decision.reason}`);
}

/** Tells each fact as it arrives, and the progress between them. */
async function tellRun(lab: Lab, { site }: Bench): Promise<RunDetail> {
  let told = 0;
  let lastLine = { text: '', at: 0 };
  return await waitForRun(lab, site, {
    timeoutMs: DEPLOYMENT_MS,
    until(run) {
      for (const { seq, fact } of run.events.slice(told)) {
        lab.see('history', `${String(seq).padStart(3)} ${describeFact(fact)}`);
        lastLine = { text: '', at: performance.now() };
      }
      told = Math.max(told, run.events.length);
      lastLine = tellProgress(lab, run, lastLine);
      return run.endedMs !== null;
    },
  });
}

function tellProgress(
  lab: Lab,
  run: RunView,
  last: { text: string; at: number },
): { text: string; at: number } {
  const text = describeProgress(run);
  const now = performance.now();
  if (text === '' || text === last.text || now - last.at < PROGRESS_SECONDS * 1000) return last;
  lab.see('machine', text);
  return { text, at: now };
}
