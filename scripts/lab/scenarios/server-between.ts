import { setTimeout as pause } from 'node:timers/promises';
import { enrolMachine, openBench } from '../bench.ts';
import { variableOf } from '../deployment.ts';
import { expectRun, seeHistory, waitForRun } from '../history.ts';
import { defineScenario, expect } from '../scenario.ts';
import { shell } from '../sequences.ts';

/** For firmware and loaders, without KVM and on a busy machine. */
const BOOT_MS = 600_000;
/** How long the server is away. */
const AWAY_MS = 20_000;

/** The server dies while a machine is between its network boot and its registration; the machine waits for it. */
export const serverBetween = defineScenario({
  name: 'server-between',
  title: 'The server is killed before a machine has its boot image, and before it registers.',
  kind: 'machine',
  estimateSeconds: 240,
  core: false,
  async run(lab) {
    const bench = await openBench(lab);
    const { site, machine } = bench;
    const steps = [shell('Look around', 'echo here', { outputVariable: 'LabSaid' })];
    await site.addSequence({ name: 'Look around', steps });
    await enrolMachine(bench, 'Bench');
    const aim = ['--collection', 'Bench', '--purpose', 'required'];
    await site.metalwright('deploy', 'Look around', ...aim);
    await machine.powerOn();

    const places = [
      {
        at: /fetching the boot image, \d+ MB/,
        what: 'as the machine begins to fetch its boot image over HTTP',
      },
      { at: /asking \S+ for the agent/, what: 'when the machine has its boot image' },
    ] as const;
    for (const { at, what } of places) {
      const said = await machine.waitForSerial(at, BOOT_MS);
      await site.kill();
      lab.see('machine', at.exec(said)?.[0] ?? '');
      lab.see('server', `killed ${what}`);
      await pause(AWAY_MS, undefined, { signal: lab.signal });
      const waiting = await machine.serial();
      expect(!waiting.includes('Agent '), 'no agent runs without the server', () => waiting);
      await site.start();
      lab.see('server', `started again after ${AWAY_MS / 1000} s`);
      const devices = await site.devices();
      expect(
        devices.every(({ model }) => model === null),
        'it has not registered yet',
        () => JSON.stringify(devices),
      );
    }

    const run = await waitForRun(lab, site, { timeoutMs: BOOT_MS });
    seeHistory(lab, run);
    expectRun(run, ['Look around: ok']);
    expect(variableOf(run, 'LabSaid') === 'here', 'its step ran');
    expect(machine.boots() === 1, `it went on without a restart: ${machine.boots()} boots`);
    const serial = await machine.serial();
    const tries = serial.match(/fetching \S+rest\.squashfs, try \d+: .*/g) ?? [];
    expect(tries.length > 0, 'the boot image was asked for again and again', () =>
      serial.slice(-4000),
    );
    for (const line of tries) lab.see('machine', line.trim());
  },
});
