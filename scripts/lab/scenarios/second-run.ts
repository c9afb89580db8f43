import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { askBoot, type BootOffer } from '../ask-boot.ts';
import { readPartitions } from '../disk-image.ts';
import { expectRun, seeHistory, waitForRun } from '../history.ts';
import { loopCase } from '../loop-bench.ts';
import { loopImage } from '../loop-images.ts';
import { loopMac } from '../loop-machine.ts';
import { defineScenario, expect, type Lab } from '../scenario.ts';
import { openSite } from '../site.ts';
import { waitFor } from '../wait.ts';
import { LOOP_ENDS, loopSequence } from './loop-deploy.ts';

const NUMBER = 1;
const NAME = `LOOP-${NUMBER}`;
/** Of the machine with that number (loop-machine.ts). */
const UUID = '4c4c4544-0042-3510-8052-000000000001';
/** Long enough for a step to start, if one were to. */
const IDLE_MS = 3000;

const Firmware = z.object({
  entries: z.array(z.object({ label: z.string(), partitionGuid: z.string() })),
});

/** One machine twice: by its own will never, by an operator's word at once, over all that the first run left. */
export const secondRun = defineScenario({
  name: 'second-run',
  title: 'A machine that is done is deployed again when an operator clears it, and by no accident.',
  kind: 'loop',
  estimateSeconds: 45,
  core: false,
  async run(lab) {
    const { wim } = await loopImage(lab.directory, 'linux');
    const site = await openSite(lab, 'ask');
    await site.metalwright('image', 'add', wim, '--name', 'Loop Linux');
    const counter = join(lab.directory, 'effects');
    const document = loopSequence('Twice', counter);
    const bench = await loopCase(lab, site, { number: NUMBER, document, diskMiB: 512 });
    const ask = async (when: string): Promise<BootOffer> => {
      const offer = await askBoot({ mac: loopMac(NUMBER), uuid: UUID });
      expect(offer !== undefined, `PXE is answered ${when}`, () => site.log());
      lab.see(
        'wire',
        `${when}: ${offer?.localBoot === true ? 'start from the disk' : offer?.file}`,
      );
      return offer as BootOffer;
    };

    expect(!(await ask('before the first run')).localBoot, 'it is sent to the boot image');
    await bench.machine.runToEnd();
    const first = await bench.run();
    expectRun(first, LOOP_ENDS);
    const before = await partitionGuids(bench.image);

    expect((await ask('after the first run')).localBoot, 'it is sent to its disk');
    await idle(lab, bench, 'started in the PE by accident');
    expect((await site.runs()).length === 1, 'nothing ran again by itself');
    expect((await partitionGuids(bench.image)).join() === before.join(), 'its disk is as it was');

    await site.metalwright('device', 'clear', NAME);
    await waitFor(
      'it is sent to the boot image again',
      async () => ((await ask('cleared')).localBoot ? undefined : true),
      { timeoutMs: 30_000, everyMs: 1000, signal: lab.signal, evidence: () => site.log() },
    );
    // Its disk is first in the boot order: the firmware takes the network when it is told so.
    await bench.machine.runToEnd('linux-pe');
    const second = await waitForRun(lab, site, { timeoutMs: 60_000, of: NAME });
    seeHistory(lab, second);
    expect(second.id !== first.id, 'the second run is another');
    expectRun(second, LOOP_ENDS);
    const after = await partitionGuids(bench.image);
    expect(!after.some((guid) => before.includes(guid)), 'the disk was partitioned anew');
    const effects = (await readFile(counter, 'utf8')).trim().split('\n');
    expect(effects.length === 6, 'each command had its effect once in each run', () =>
      effects.join(),
    );

    const { entries } = Firmware.parse(
      JSON.parse(await readFile(join(lab.directory, `machine-${NUMBER}`, 'firmware.json'), 'utf8')),
    );
    for (const { label, partitionGuid } of entries)
      lab.see('machine', `boot entry "${label}" on ${partitionGuid}`);
    expect(
      entries.length === 1 && after.includes(entries[0]?.partitionGuid ?? ''),
      'one boot entry, of the new disk',
      () => JSON.stringify(entries),
    );
    expect((await ask('after the second run')).localBoot, 'it is sent to its disk');
    await idle(lab, bench, 'started in the PE once more');
    expect((await site.runs()).length === 2, 'there are two runs and no third');
  },
});

/** Starts the machine in the PE and lets it be: it has nothing to do there. */
async function idle(
  lab: Lab,
  { machine }: Awaited<ReturnType<typeof loopCase>>,
  how: string,
): Promise<void> {
  const before = (await machine.output()).length;
  await machine.startInPe();
  await waitFor(
    `it says that it is done, ${how}`,
    async () =>
      (await machine.output()).slice(before).includes('deployment.ran') ? true : undefined,
    { timeoutMs: 60_000, signal: lab.signal },
  );
  await pause(IDLE_MS, undefined, { signal: lab.signal });
  await machine.cutPower();
  lab.see('machine', `${how}: it says that it is done, and how to have it run again`);
}

async function partitionGuids(image: string): Promise<string[]> {
  return (await readPartitions(image)).map(({ guid }) => guid);
}
