import { setTimeout as pause } from 'node:timers/promises';
import { type Bench, enrolMachine, LAB_MACHINE, openBench } from '../bench.ts';
import { DEPLOYMENT_MS, variableOf } from '../deployment.ts';
import { expectRun, seeHistory, waitForRun } from '../history.ts';
import { SERVER_ADDRESS } from '../namespace.ts';
import { defineScenario, expect, type Lab } from '../scenario.ts';
import { applyImage, formatDisk, LAB_IMAGE, shell } from '../sequences.ts';
import { waitFor } from '../wait.ts';
import { type WireEvent, wireLine } from '../wire-summary.ts';

/** From its first question on the wire to the disk. */
const LIMIT_SECONDS = 15;
/** A loader has read its kernel then; firmware that only looks for partitions reads far less. */
const KERNEL_BYTES = 4 * 1024 * 1024;
/** Puts the network before all else, as many firmwares are delivered, and as they set themselves back. */
const NETWORK_FIRST = [
  'N=$(efibootmgr | sed -n "s/^Boot\\([0-9A-F]*\\)[*] UEFI PXEv4.*/\\1/p" | head -n 1)',
  'O=$(efibootmgr | sed -n "s/^BootOrder: //p" | sed "s/$N,\\?//")',
  'efibootmgr -q -o "$N,$O"',
  'efibootmgr',
].join('; ');

type Packet = WireEvent & { readonly atSeconds: number };

/** The network is first in the boot order from the first step to the last: nothing is waited for, nothing runs twice. */
export const pxeFirst = defineScenario({
  name: 'pxe-first',
  title:
    'A machine that starts from the network first reaches its disk in 15 s, while it waits for it and when it is done.',
  kind: 'machine',
  estimateSeconds: 240,
  core: false,
  async run(lab) {
    const bench = await openBench(lab);
    const { site, machine } = bench;
    await site.metalwright('image', 'add', lab.images.osImage, '--name', LAB_IMAGE);
    await site.addSequence({
      name: 'PXE first',
      steps: [
        formatDisk('ext4'),
        applyImage(LAB_IMAGE),
        shell('Put the network first', NETWORK_FIRST, { outputVariable: 'LabOrder' }),
        { step: 'Restart into the OS', type: 'restart', params: { target: 'hd' } },
        shell('Say hello', 'echo hello'),
      ],
    });
    await enrolMachine(bench, 'Bench');
    const aim = ['--collection', 'Bench', '--purpose', 'required'];
    await site.metalwright('deploy', 'PXE first', ...aim);
    await machine.powerOn();
    const restarting = await waitForRun(lab, site, {
      timeoutMs: DEPLOYMENT_MS,
      everyMs: 100,
      until: ({ events, endedMs }) =>
        endedMs !== null || events.some(({ fact }) => fact.kind === 'restart-requested'),
    });
    expect(restarting.endedMs === null, 'the run restarts into its OS', () =>
      JSON.stringify(restarting.error),
    );
    await waitFor('the machine restarts', () => (machine.boots() > 1 ? true : undefined), {
      timeoutMs: 60_000,
      everyMs: 50,
      signal: lab.signal,
    });

    const next = await reachDisk(lab, bench, { kernelAfter: await machine.diskRead() });
    expect(next.asked.length === 0, 'BootNext led to the disk, nothing was asked for', () =>
      next.asked.map(wireLine).join('\n'),
    );
    lab.see('machine', 'the restart of the run went to its disk by BootNext: PXE was not asked');

    await machine.cutPower();
    await machine.powerOn();
    const waits = await reachDisk(lab, bench, { kernelAfter: 0 });
    tell(lab, 'an open run that waits for its disk', waits);
    const run = await waitForRun(lab, site, { timeoutMs: DEPLOYMENT_MS });
    seeHistory(lab, run);
    const order = /^BootOrder: .*$/m.exec(variableOf(run, 'LabOrder') ?? '')?.[0];
    lab.see('machine', `the firmware's ${order}: the network is first`);
    expectRun(run, [
      'Format the disk: ok',
      'Apply the image: ok',
      'Put the network first: ok',
      'Restart into the OS: ok',
      'Say hello: ok',
    ]);

    await machine.cutPower();
    await machine.powerOn();
    const done = await reachDisk(lab, bench, { kernelAfter: 0 });
    tell(lab, 'a machine that is done', done);
    expect((await site.runs()).length === 1, 'no second run was started');
    for (const { outcome, reason } of (await site.decisions()).slice(0, 1))
      lab.see('server', `${outcome}: ${reason}`);
  },
});

interface Reached {
  /** PXE packets of the machine, and the answers to it, since it was switched on. */
  readonly asked: readonly Packet[];
  /** From the first of them to the disk. */
  readonly seconds: number;
}

/** Waits until a loader reads a kernel from the disk. */
async function reachDisk(
  lab: Lab,
  { machine, capture }: Bench,
  { kernelAfter }: { readonly kernelAfter: number },
): Promise<Reached> {
  const before = (await capture.events()).length;
  await waitFor(
    'the machine reads a kernel from its disk',
    async () => ((await machine.diskRead()) > kernelAfter + KERNEL_BYTES ? true : undefined),
    { timeoutMs: 180_000, everyMs: 100, signal: lab.signal },
  );
  const atSeconds = Date.now() / 1000;
  await pause(200, undefined, { signal: lab.signal });
  const since = (await capture.events()).slice(before);
  const read = since.filter(({ kind }) => kind === 'tftp-read');
  expect(read.length === 0, 'no boot file is fetched', () => read.map(wireLine).join('\n'));
  const asked = since.filter(
    (event) =>
      event.kind === 'dhcp' &&
      event.client === LAB_MACHINE.mac &&
      event.vendorClass.startsWith('PXEClient'),
  );
  return { asked, seconds: atSeconds - (asked[0]?.atSeconds ?? atSeconds) };
}

function tell(lab: Lab, who: string, { asked, seconds }: Reached): void {
  const [first] = asked;
  for (const packet of asked)
    lab.see(
      'wire',
      `+${(packet.atSeconds - (first?.atSeconds ?? 0)).toFixed(1)} s ${wireLine(packet)}`,
    );
  lab.see('machine', `${who}: its disk after ${seconds.toFixed(1)} s`);
  const evidence = () => asked.map(wireLine).join('\n');
  expect(first !== undefined, `${who} asks the network first`, evidence);
  expect(
    asked.some(
      (packet) => packet.from === SERVER_ADDRESS && packet.kind === 'dhcp' && packet.localBoot,
    ),
    `${who} is told to start from its disk`,
    evidence,
  );
  expect(seconds <= LIMIT_SECONDS, `${who} reaches it in ${LIMIT_SECONDS} s`, evidence);
}
