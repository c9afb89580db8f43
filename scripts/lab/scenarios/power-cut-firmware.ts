import { enrolMachine, openBench } from '../bench.ts';
import { checkDisk, checkHistory, DEPLOYMENT_MS } from '../deployment.ts';
import { historyLines, waitForRun } from '../history.ts';
import { defineScenario, expect } from '../scenario.ts';
import { seeded } from '../seed.ts';
import { deployLinux, LAB_IMAGE } from '../sequences.ts';

/** Steps that may be run twice: a cut in any of them must end in a resumed run. */
const CUT_STEPS = ['Format the disk', 'Apply the image', 'Set the owner'];
const SEEDS = [1, 2];

/** The plug is pulled in a real boot, with the guest's cache lost, at places that the seeds choose. */
export const powerCutFirmware = defineScenario({
  name: 'power-cut-firmware',
  title:
    'A machine with real firmware loses power twice in one deployment and ends it all the same.',
  kind: 'machine',
  estimateSeconds: 320,
  core: false,
  async run(lab) {
    const bench = await openBench(lab, { cache: 'none' });
    const { site, machine } = bench;
    await site.metalwright('image', 'add', lab.images.osImage, '--name', LAB_IMAGE);
    await site.addSequence(deployLinux('Lab deployment'));
    await enrolMachine(bench, 'Bench');
    const aim = ['--collection', 'Bench', '--purpose', 'required'];
    await site.metalwright('deploy', 'Lab deployment', ...aim);
    await machine.powerOn();

    const places = SEEDS.map((seed) => {
      const random = seeded(seed);
      const name = CUT_STEPS[Math.floor(random() * CUT_STEPS.length)] ?? '';
      return { name, kind: random() < 0.5 ? 'step-started' : 'step-finished' } as const;
    }).sort((one, other) => CUT_STEPS.indexOf(one.name) - CUT_STEPS.indexOf(other.name));
    for (const { name, kind } of places) {
      const run = await waitForRun(lab, site, {
        timeoutMs: 900_000,
        everyMs: 50,
        until: ({ events }) =>
          events.some(({ fact }) => fact.kind === kind && 'name' in fact && fact.name === name),
      });
      await machine.cutPower();
      lab.see('machine', `power cut after ${kind} of "${name}", ${run.events.length} events`);
      await machine.powerOn();
    }
    const run = await waitForRun(lab, site, { timeoutMs: DEPLOYMENT_MS });
    checkHistory(lab, run, false);
    const resumed = run.events.filter(({ fact }) => fact.kind === 'resumed').length;
    expect(resumed >= places.length + 1, 'it was resumed after each cut and its restart', () =>
      historyLines(run.events).join('\n'),
    );
    await machine.cutPower();
    await checkDisk(lab, bench);
  },
});
