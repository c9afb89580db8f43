import { openBench } from '../bench.ts';
import { bootToPe, readByTftp } from '../boot-to-pe.ts';
import { defineScenario } from '../scenario.ts';
import { shell } from '../sequences.ts';
import { makeStartingDisk, reachesItsDisk, runOnce } from '../start-from-disk.ts';

/** As firmware that is set so, or sets itself back. */
const HTTP_FIRST = [
  'N=$(efibootmgr | sed -n "s/^Boot\\([0-9A-F]*\\)[*] UEFI HTTPv4.*/\\1/p" | head -n 1)',
  'O=$(efibootmgr | sed -n "s/^BootOrder: //p" | sed "s/$N,\\?//")',
  'efibootmgr -q -o "$N,$O"',
].join('; ');

/** UEFI HTTP Boot beside the site's DHCP server, which knows nothing of it. */
export const uefiHttp = defineScenario({
  name: 'uefi-http',
  title: 'A UEFI machine without PXE starts Linux PE by HTTP Boot; done, it starts from its disk.',
  kind: 'machine',
  estimateSeconds: 100,
  core: false,
  async run(lab) {
    const bench = await openBench(lab, { hardware: { firmware: 'uefi-http' } });
    const { device, events, say } = await bootToPe(lab, bench);
    say(device.firmware === 'uefi' && device.architecture === 'x64', 'it is x64 UEFI');
    say(readByTftp(events).length === 0, 'nothing was read by TFTP');
    say(
      events.some(
        (event) =>
          event.kind === 'dhcp' &&
          event.message === 'OFFER' &&
          event.vendorClass === 'HTTPClient' &&
          event.file.endsWith('/boot/snponly.efi'),
      ),
      'it was given a URL under the class HTTPClient',
    );
    await runOnce(lab, bench, [shell('Put HTTP Boot first', HTTP_FIRST)]);
    await makeStartingDisk(lab, bench, 'uefi');
    const wire = await reachesItsDisk(lab, bench);
    say(
      wire.some(
        (event) =>
          event.kind === 'dhcp' &&
          event.vendorClass === 'HTTPClient' &&
          event.file.endsWith('/boot/start-from-disk'),
      ),
      'done, it is given a URL where nothing is',
    );
  },
});
