import { openBench } from '../bench.ts';
import { bootToPe, readByTftp } from '../boot-to-pe.ts';
import { defineScenario } from '../scenario.ts';

/** A ROM that is no iPXE gets one that uses the ROM's own driver. */
export const biosUndionly = defineScenario({
  name: 'bios-undionly',
  title: "A BIOS whose adapter has a maker's ROM starts Linux PE by undionly.kpxe.",
  kind: 'machine',
  estimateSeconds: 70,
  core: false,
  async run(lab) {
    const bench = await openBench(lab, { bus: 'ahci', hardware: { firmware: 'bios-undi' } });
    const { device, events, say } = await bootToPe(lab, bench);
    say(device.firmware === 'bios' && device.architecture === 'x64', 'it is an x64 BIOS');
    say(
      readByTftp(events).join() === 'undionly.kpxe',
      `undionly.kpxe alone was read by TFTP, not ${readByTftp(events).join()}`,
    );
  },
});
