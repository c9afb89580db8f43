import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { LAB_MACHINE, openBench } from '../bench.ts';
import { variableOf } from '../deployment.ts';
import { expectRun, seeHistory, waitForRun } from '../history.ts';
import { defineScenario, expect } from '../scenario.ts';
import { shell } from '../sequences.ts';
import { waitFor } from '../wait.ts';

/** An unknown machine waits, is seen, is approved by hand, and its person chooses from a menu. */
export const unknownAsk = defineScenario({
  name: 'unknown-ask',
  title: 'An unknown machine waits for an operator; then a person chooses from the menu.',
  kind: 'machine',
  estimateSeconds: 90,
  core: false,
  async run(lab) {
    const { site, machine, disk } = await openBench(lab, { unknown: 'ask', bus: 'ahci' });
    for (const name of ['Look around', 'Say hello']) {
      const steps = [shell(name, `echo ${name}`, { outputVariable: 'LabSaid' })];
      await site.addSequence({ name, steps });
      const aim = ['--collection', 'All Unknown Computers', '--purpose', 'available'];
      await site.metalwright('deploy', name, ...aim);
    }
    await machine.powerOn();

    const waiting = await waitFor(
      'the unknown machine is seen waiting',
      async () =>
        (await site.devices()).find((device) => device.state === 'waiting' && device.model),
      { timeoutMs: 600_000, signal: lab.signal, evidence: () => site.log() },
    );
    const seen = await site.metalwright('device', 'list', '--waiting');
    for (const line of seen.trim().split('\n')) lab.see('server', line.trim());
    const { manufacturer, product, serial, mac } = LAB_MACHINE;
    expect(waiting.manufacturer === manufacturer, `its make is ${manufacturer}`, () => seen);
    expect(waiting.model === product, `its model is ${product}`, () => seen);
    expect(waiting.serialNumber === serial, `its serial number is ${serial}`, () => seen);
    expect(
      waiting.macAddresses.some((address) => address === mac),
      `its MAC address is ${mac}`,
      () => seen,
    );
    expect((await site.runs()).length === 0, 'nothing runs before it is approved');
    expect(await isBlank(disk), 'nothing was written to its disk before it is approved');
    lab.see('disk', 'blank while it waits');
    await machine.screenshot(join(lab.directory, 'waiting.png'));

    const before = (await machine.serial()).length;
    await site.metalwright('device', 'approve', serial, '--name', 'LAB-ASKED');
    const menu = await machine.waitForSerial(/Say hello/, 60_000, before);
    for (const name of ['Look around', 'Say hello'])
      expect(menu.includes(name), `the menu on the serial port offers "${name}"`, () => menu);
    lab.see('machine', 'the menu on the serial port offers both sequences');
    await machine.type('2\r');

    const run = await waitForRun(lab, site, { timeoutMs: 120_000 });
    seeHistory(lab, run);
    expect(run.deviceName === 'LAB-ASKED', `the run is of LAB-ASKED, it is of ${run.deviceName}`);
    expectRun(run, [`${run.sequenceName}: ok`]);
    expect(variableOf(run, 'LabSaid') === run.sequenceName, 'the step of the chosen one ran');
    expect(await isBlank(disk), 'this sequence writes to no disk, and none was written to');
  },
});

/** True when a sparse image holds nothing but zeros in its first MiB, where every partition table is. */
async function isBlank(image: string): Promise<boolean> {
  await using file = await open(image);
  const { buffer } = await file.read({ buffer: new Uint8Array(1024 * 1024) });
  return buffer.every((byte) => byte === 0);
}
