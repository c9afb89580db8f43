import { openBench } from '../bench.ts';
import { bootToPe, readByTftp } from '../boot-to-pe.ts';
import { FOREIGN_ADDRESS, SERVER_ADDRESS } from '../namespace.ts';
import { defineScenario } from '../scenario.ts';

/** The site's DHCP server names our server and the first file; no answer of ours comes to the machine. */
export const dhcpOptions = defineScenario({
  name: 'dhcp-options',
  title:
    "A UEFI machine starts Linux PE by what the site's DHCP server names, without our answers.",
  kind: 'machine',
  estimateSeconds: 90,
  core: false,
  async run(lab) {
    const bench = await openBench(lab, {
      namedBootFile: { server: SERVER_ADDRESS, file: 'shimx64.efi' },
    });
    const ignored = 'class:PXEClient,class:HTTPClient';
    await bench.site.metalwright('netboot', 'set', '--ignore', ignored);
    const { device, events, say } = await bootToPe(lab, bench);
    say(device.firmware === 'uefi' && device.architecture === 'x64', 'it is x64 UEFI');
    const dhcp = events.filter((event) => event.kind === 'dhcp');
    say(
      dhcp.some(({ from, file }) => from === FOREIGN_ADDRESS && file === 'shimx64.efi'),
      "the site's DHCP server named the first file",
    );
    say(
      dhcp.every(({ from }) => from !== SERVER_ADDRESS),
      'our server answered no DHCP',
    );
    say(readByTftp(events)[0] === 'shimx64.efi', 'shimx64.efi was the first file read by TFTP');
  },
});
