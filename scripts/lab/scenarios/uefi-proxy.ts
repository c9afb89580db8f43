import { type BenchOptions, enrolMachine, LAB_MACHINE, openBench } from '../bench.ts';
import { checkDisk, checkHistory, checkStartsFromDisk, DEPLOYMENT_MS } from '../deployment.ts';
import { waitForRun } from '../history.ts';
import { defineScenario, type Lab } from '../scenario.ts';
import { deployLinux, LAB_IMAGE } from '../sequences.ts';
import { expectProxyBoot } from '../wire-story.ts';

/** Boots beside a foreign DHCP server, deploys, restarts into the OS and ends there. */
export const uefiProxy = defineScenario({
  name: 'uefi-proxy',
  title:
    'A bare UEFI machine boots beside a foreign DHCP server, gets its OS and ends its run in it.',
  kind: 'machine',
  estimateSeconds: 200,
  core: true,
  run: (lab) => deployOverProxy(lab, {}),
});

/** The whole path, for whatever hardware the options say. */
export async function deployOverProxy(lab: Lab, options: BenchOptions): Promise<void> {
  const bench = await openBench(lab, options);
  const { site, machine, capture } = bench;
  await site.metalwright('image', 'add', lab.images.osImage, '--name', LAB_IMAGE);
  await site.addSequence(deployLinux('Lab deployment'));
  await enrolMachine(bench, 'Bench');
  await site.metalwright(
    'deploy',
    'Lab deployment',
    '--collection',
    'Bench',
    '--purpose',
    'required',
  );
  await machine.powerOn();
  const run = await waitForRun(lab, site, { timeoutMs: DEPLOYMENT_MS });
  expectProxyBoot(lab, await capture.events(), LAB_MACHINE.mac);
  checkHistory(lab, run, options.secureBoot === true);
  await machine.cutPower();
  await checkDisk(lab, bench);
  await checkStartsFromDisk(lab, bench);
}
