import { openBench } from '../bench.ts';
import { bootToPe, readByTftp } from '../boot-to-pe.ts';
import { defineScenario } from '../scenario.ts';

/** UEFI HTTP Boot beside the site's DHCP server, which knows nothing of it. */
export const uefiHttp = defineScenario({
  name: 'uefi-http',
  title: 'A UEFI machine without PXE starts Linux PE by HTTP Boot.',
  kind: 'machine',
  estimateSeconds: 70,
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
  },
});
