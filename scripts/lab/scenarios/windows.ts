import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { describeFact } from '#server/cli/run-text.ts';
import { PackageView, type RunDetail } from '#server/http/api.ts';
import { type Bench, enrolMachine, LAB_MACHINE, openBench } from '../bench.ts';
import { variableOf } from '../deployment.ts';
import { seeHistory, waitForRun } from '../history.ts';
import { defineScenario, expect, type Lab, type WindowsMedia } from '../scenario.ts';
import { waitFor } from '../wait.ts';
import { writeReport } from '../windows/report.ts';
import { BOOT_IMAGE, installWindows, OS_IMAGE, SEQUENCE } from '../windows/sequence.ts';
import { wireStory } from '../wire-story.ts';

/** PE, 15 GB applied, specialize and the first start; with KVM it takes a quarter of an hour. */
const INSTALLATION_MS = 3 * 60 * 60_000;
const PICTURE_EVERY_MS = 30_000;

/**
 * A real Windows from an ISO of whoever runs this: network boot with Secure Boot on, the image applied in
 * Windows PE, specialize, the first start, and the run's last steps in the installed Windows. Not among the
 * scenarios that `--all` runs: no Windows comes with Metalwright.
 */
export const windows = defineScenario({
  name: 'windows',
  title: 'A real Windows, from the ISO that was named, by network boot with Secure Boot on.',
  kind: 'machine',
  estimateSeconds: 1800,
  core: false,
  async run(lab) {
    const media = lab.windows;
    if (media === undefined) throw new Error('no ISO was handed over');
    await mkdir(media.report, { recursive: true });
    const bench = await openBench(lab, {
      secureBoot: true,
      bus: 'nvme',
      diskMiB: 64 * 1024,
      // OVMF starts from virtio, which no Windows has a driver for; Windows takes the Intel adapter.
      hardware: { memoryMiB: 4096, processors: 4, intelMac: '52:54:00:77:00:02' },
    });
    const pictures = takePictures(lab, bench, media);
    try {
      await install(lab, bench, media);
    } finally {
      pictures.stop();
      await writeReport(lab, bench, media, await pictures.taken);
      lab.see('server', `the report is in ${media.report}`);
    }
  },
});

async function install(lab: Lab, bench: Bench, media: WindowsMedia): Promise<void> {
  const { site, machine } = bench;
  await site.metalwright('boot-image', 'add', media.iso, '--index', '1', '--name', BOOT_IMAGE);
  await site.metalwright('image', 'add', media.iso, '--name', OS_IMAGE);
  const index = await editionIndex(lab, bench, media.edition);
  await site.addSequence(installWindows(index));
  await enrolMachine(bench, 'Bench');
  await site.metalwright('deploy', SEQUENCE, '--collection', 'Bench', '--purpose', 'required');
  await machine.powerOn();
  let told = 0;
  const run = await waitForRun(lab, site, {
    timeoutMs: INSTALLATION_MS,
    everyMs: 2000,
    until({ events, endedMs }) {
      for (const { seq, fact } of events.slice(told))
        lab.see('history', `${String(seq).padStart(3)} ${describeFact(fact)}`);
      told = Math.max(told, events.length);
      return endedMs !== null;
    },
  });
  checkRun(lab, run);
  for (const line of wireStory(await bench.capture.events())) lab.see('wire', line);
  const last = join(media.report, 'last.png');
  // The first logon of a new Windows draws for a minute after the run has ended.
  await pause(60_000, undefined, { signal: lab.signal });
  await machine.screenshot(last);
  lab.see('machine', `its screen when the run had ended: ${last}`);
}

/** The edition that was asked for, else the first one of Windows. */
async function editionIndex(lab: Lab, { site }: Bench, wanted?: string): Promise<number> {
  const api = await site.api();
  const images = await api.call('GET', '/images', z.array(PackageView));
  const editions = images
    .flatMap((image) => (image.name === OS_IMAGE ? image.images : []))
    .filter(({ kind }) => kind === 'windows');
  const chosen = wanted === undefined ? editions[0] : editions.find(({ name }) => name === wanted);
  const names = () => editions.map(({ name }) => `"${name}"`).join(', ');
  if (chosen === undefined)
    throw new Error(`the ISO has no edition "${wanted ?? ''}"; it has ${names()}`);
  lab.see('server', `edition ${chosen.index} "${chosen.name}" of ${names()}`);
  return chosen.index;
}

function checkRun(lab: Lab, run: RunDetail): void {
  seeHistory(lab, run);
  expect(run.state === 'succeeded', `the run succeeded, it is ${run.state}`, () =>
    JSON.stringify(run.error),
  );
  for (const name of ['LabVersion', 'LabName', 'LabSecureBoot'])
    lab.see('machine', `${name}: ${variableOf(run, name)?.trim() ?? 'not set'}`);
  expect(
    variableOf(run, 'LabVersion')?.includes('Windows') === true,
    'the installed Windows told its version',
  );
  expect(
    variableOf(run, 'LabName')?.trim().toLowerCase() === LAB_MACHINE.name.toLowerCase(),
    `the computer is called ${LAB_MACHINE.name}`,
  );
  expect(
    /0x1\s*$/.test(variableOf(run, 'LabSecureBoot')?.trim() ?? ''),
    'Secure Boot is on in the installed Windows',
  );
}

/** A picture of the screen every half minute: what a person would have seen. */
function takePictures(
  lab: Lab,
  { machine }: Bench,
  media: WindowsMedia,
): { readonly stop: () => void; readonly taken: Promise<readonly string[]> } {
  const stop = new AbortController();
  const take = async (): Promise<readonly string[]> => {
    const names: string[] = [];
    await waitFor(
      'the machine is switched on',
      () => (machine.boots() > 0 || stop.signal.aborted ? true : undefined),
      { timeoutMs: INSTALLATION_MS, signal: lab.signal, everyMs: 500 },
    );
    while (!stop.signal.aborted && !lab.signal.aborted) {
      const name = `screen-${String(names.length + 1).padStart(3, '0')}.png`;
      // Between two power-ons there is no screen.
      const taken = await machine.screenshot(join(media.report, name)).then(
        () => true,
        () => false,
      );
      if (taken) names.push(name);
      await pause(PICTURE_EVERY_MS, undefined, { signal: stop.signal }).catch(() => {});
    }
    return names;
  };
  return { stop: () => stop.abort(), taken: take().catch(() => []) };
}
