import { openBench } from '../bench.ts';
import { bootToPe, readByTftp } from '../boot-to-pe.ts';
import { defineScenario } from '../scenario.ts';

/** SeaBIOS and the adapter's own ROM, which is iPXE. */
export const bios = defineScenario({
  name: 'bios',
  title:
    'A BIOS starts Linux PE by the iPXE of its adapter, which gets a script and all else by HTTP.',
  kind: 'machine',
  estimateSeconds: 60,
  core: false,
  async run(lab) {
    const bench = await openBench(lab, { bus: 'ahci', hardware: { firmware: 'bios-rom' } });
    const { device, events, say } = await bootToPe(lab, bench);
    say(device.firmware === 'bios' && device.architecture === 'x64', 'it is an x64 BIOS');
    say(readByTftp(events).length === 0, 'nothing was read by TFTP');
  },
});
