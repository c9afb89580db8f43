import { setTimeout as pause } from 'node:timers/promises';
import { enrolMachine, openBench } from '../bench.ts';
import { checkDisk, checkHistory, DEPLOYMENT_MS } from '../deployment.ts';
import { waitForRun } from '../history.ts';
import { defineScenario, expect } from '../scenario.ts';
import { deployLinux, LAB_IMAGE } from '../sequences.ts';

/** The server dies in the middle of applying an image, twice, and each time comes back. */
export const serverKilled = defineScenario({
  name: 'server-killed',
  title: 'The server is killed while an image is applied and started again; the run goes on.',
  kind: 'machine',
  estimateSeconds: 210,
  core: false,
  async run(lab) {
    const bench = await openBench(lab);
    const { site, machine } = bench;
    await site.metalwright('image', 'add', lab.images.osImage, '--name', LAB_IMAGE);
    await site.addSequence(deployLinux('Lab deployment'));
    await enrolMachine(bench, 'Bench');
    const aim = ['--collection', 'Bench', '--purpose', 'required'];
    await site.metalwright('deploy', 'Lab deployment', ...aim);
    await machine.powerOn();

    for (const share of [0.2, 0.6]) {
      const applying = await waitForRun(lab, site, {
        timeoutMs: 900_000,
        until: ({ progress }) =>
          progress?.title === 'Apply the image' &&
          (progress.doneBytes ?? 0) > share * (progress.totalBytes ?? Number.POSITIVE_INFINITY),
      });
      await site.kill();
      lab.see('server', `killed with ${applying.progress?.doneBytes} bytes applied`);
      await pause(5000, undefined, { signal: lab.signal });
      await site.start();
      lab.see('server', 'started again after 5 s');
    }

    const run = await waitForRun(lab, site, { timeoutMs: DEPLOYMENT_MS });
    checkHistory(lab, run, false);
    const applied = run.events.filter(
      ({ fact }) => fact.kind === 'step-started' && fact.name === 'Apply the image',
    );
    expect(applied.length === 1, `the image was applied in one attempt, not ${applied.length}`);
    await machine.cutPower();
    await checkDisk(lab, bench);
  },
});
