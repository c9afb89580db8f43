import { enrolMachine, LAB_MACHINE, openBench } from '../bench.ts';
import { variableOf } from '../deployment.ts';
import { expectRun, seeHistory, waitForRun } from '../history.ts';
import { defineScenario, expect } from '../scenario.ts';
import { shell } from '../sequences.ts';

/** A board whose SMBIOS UUID is all zero, and whose clock has stood still since 2003. */
export const oddMachine = defineScenario({
  name: 'odd-machine',
  title: 'An all-zero SMBIOS UUID and a clock that is 20 years behind do no harm.',
  kind: 'machine',
  estimateSeconds: 70,
  core: false,
  async run(lab) {
    const bench = await openBench(lab, {
      bus: 'ahci',
      hardware: { uuid: '00000000-0000-0000-0000-000000000000', clock: '2003-02-01T12:00:00' },
    });
    const { site, machine } = bench;
    await site.metalwright('device', 'import', '--name', 'OTHER', '--mac', '52:54:00:77:00:99');
    const steps = [shell('Tell the time', 'date +%s', { outputVariable: 'LabTime' })];
    await site.addSequence({ name: 'Look', steps });
    await enrolMachine(bench, 'Bench');
    await site.metalwright('deploy', 'Look', '--collection', 'Bench', '--purpose', 'required');
    await machine.powerOn();
    const run = await waitForRun(lab, site, { timeoutMs: 600_000 });
    seeHistory(lab, run);
    expectRun(run, ['Tell the time: ok']);
    expect(run.deviceName === LAB_MACHINE.name, `it is known by its MAC: ${run.deviceName}`);

    const devices = await site.devices();
    const names = devices.map(({ name, smbiosGuid }) => `${name} ${smbiosGuid}`);
    for (const name of names) lab.see('server', name);
    expect(devices.length === 2, 'the two devices stay two', () => names.join('\n'));
    expect(
      devices.every(({ smbiosGuid }) => smbiosGuid === null || !/^[0-]+$/.test(smbiosGuid)),
      'an all-zero UUID is taken for none',
      () => names.join('\n'),
    );
    const now = Date.now();
    const late = run.events.filter(({ atMs }) => Math.abs(now - atMs) > 600_000);
    expect(late.length === 0, "events bear the server's time", () => JSON.stringify(late));
    const clock = Number(variableOf(run, 'LabTime')) * 1000;
    lab.see('machine', `its clock says ${new Date(clock).toISOString()}`);
    expect(Math.abs(now - clock) < 600_000, "the machine's clock was set from the server");
  },
});
