import { openBench } from '../bench.ts';
import { bootToPe, readByTftp } from '../boot-to-pe.ts';
import { FOREIGN_ADDRESS, SERVER_ADDRESS } from '../namespace.ts';
import { defineScenario } from '../scenario.ts';

/** A site whose DHCP server names our TFTP server and its file, and where nothing of ours may answer DHCP. */
export const dhcpOptions = defineScenario({
  name: 'dhcp-options',
  title:
    'A machine starts by options 66 and 67 of the site’s DHCP server alone, without a proxy answer.',
  kind: 'machine',
  estimateSeconds: 70,
  core: false,
  async run(lab) {
    const bench = await openBench(lab, {
      foreignOptions: [
        `dhcp-option-force=66,${SERVER_ADDRESS}`,
        'dhcp-option-force=67,shimx64.efi',
      ],
    });
    await bench.site.metalwright('netboot', 'set', '--ignore', 'class:PXEClient');
    const { device, events, say } = await bootToPe(lab, bench);
    say(device.firmware === 'uefi' && device.architecture === 'x64', 'it is x64 UEFI');
    const answers = events.filter(
      (event) => event.kind === 'dhcp' && ['OFFER', 'ACK'].includes(event.message),
    );
    say(
      answers.length > 0 && answers.every(({ from }) => from === FOREIGN_ADDRESS),
      'no DHCP answer is of this server',
    );
    say(
      answers.some((event) => event.kind === 'dhcp' && event.file === 'shimx64.efi'),
      'the site’s DHCP server names the file in option 67',
    );
    say(readByTftp(events).includes('shimx64.efi'), 'it was read by TFTP');
  },
});
