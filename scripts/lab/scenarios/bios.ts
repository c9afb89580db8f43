import { openBench } from '../bench.ts';
import { bootToPe, readByTftp } from '../boot-to-pe.ts';
import { defineScenario } from '../scenario.ts';
import { shell } from '../sequences.ts';
import { makeStartingDisk, reachesItsDisk, runOnce } from '../start-from-disk.ts';

/**
 * QEMU's ROM waits 16 s for a router of IPv6 when it has its address by DHCP, at each boot, before it does what it was
 * told.
 */
const ROM_LIMIT_SECONDS = 25;

/** SeaBIOS and the adapter's own ROM, which is iPXE. */
export const bios = defineScenario({
  name: 'bios',
  title:
    'A BIOS starts Linux PE by the iPXE of its adapter, which gets a script and all else by HTTP; done, it starts from its disk.',
  kind: 'machine',
  estimateSeconds: 80,
  core: false,
  async run(lab) {
    const bench = await openBench(lab, {
      bus: 'ahci',
      hardware: { firmware: 'bios-rom', networkFirst: true },
    });
    const { device, events, say } = await bootToPe(lab, bench);
    say(device.firmware === 'bios' && device.architecture === 'x64', 'it is an x64 BIOS');
    say(readByTftp(events).length === 0, 'nothing was read by TFTP');
    await runOnce(lab, bench, [shell('Look', 'echo seen')]);
    await makeStartingDisk(lab, bench, 'bios');
    const wire = await reachesItsDisk(lab, bench, ROM_LIMIT_SECONDS);
    say(
      wire.some((event) => event.kind === 'dhcp' && event.localBoot),
      'it is told to start from its disk by the menu of PXE',
    );
  },
});
