import { join } from 'node:path';
import { openBench } from '../bench.ts';
import { bootToPe } from '../boot-to-pe.ts';
import { runCommand, startChild } from '../child.ts';
import { BRIDGE, FOREIGN_ADDRESS, inNamespace, SERVER_ADDRESS } from '../namespace.ts';
import { defineScenario, expect } from '../scenario.ts';

const FAR_BRIDGE = 'br1';
/** Of the relay in the machine's network. */
const RELAY_ADDRESS = '10.78.0.1';
const FAR_INTERFACE = 'eth1';

/** A machine in another network, behind ISC's relay, which tells the port that it is at. */
export const relay = defineScenario({
  name: 'relay',
  title:
    'A machine behind a DHCP relay gets address and boot files, and the port it is at is known.',
  kind: 'machine',
  estimateSeconds: 70,
  core: false,
  async run(lab) {
    const { foreignNamespace: router } = lab;
    await runCommand(['ip', 'link', 'add', FAR_BRIDGE, 'type', 'bridge']);
    await runCommand(['ip', 'link', 'set', FAR_BRIDGE, 'up']);
    const cable = ['type', 'veth', 'peer', 'name', FAR_INTERFACE, 'netns', router];
    await runCommand(['ip', 'link', 'add', 'far0', ...cable]);
    await runCommand(['ip', 'link', 'set', 'far0', 'master', FAR_BRIDGE, 'up']);
    await runCommand([
      'ip',
      '-n',
      router,
      'addr',
      'add',
      `${RELAY_ADDRESS}/24`,
      'dev',
      FAR_INTERFACE,
    ]);
    await runCommand(['ip', '-n', router, 'link', 'set', FAR_INTERFACE, 'up']);
    await runCommand(inNamespace(router, ['sysctl', '-qw', 'net.ipv4.ip_forward=1']));
    await runCommand(['ip', 'route', 'add', '10.78.0.0/24', 'via', FOREIGN_ADDRESS]);
    const words = ['-4', '-d', '-a', '-id', FAR_INTERFACE, '-iu', 'eth0', SERVER_ADDRESS];
    lab.use(
      await startChild(inNamespace(router, ['dhcrelay', ...words]), {
        logFile: join(lab.directory, 'dhcrelay.log'),
      }),
    );
    const bench = await openBench(lab, { foreignDhcp: false, bridge: FAR_BRIDGE });
    const { site } = bench;
    const pool = ['--subnet', '10.78.0.0/24', '--first', '10.78.0.50', '--last', '10.78.0.60'];
    lab.see(
      'server',
      (await site.metalwright('dhcp', 'set', '--interface', BRIDGE, ...pool)).trim(),
    );
    const { events, device, say } = await bootToPe(lab, bench);
    const dhcp = events.filter((event) => event.kind === 'dhcp');
    // What the server itself asks for other servers is no answer.
    const answers = dhcp.filter(
      ({ from, message }) => from === SERVER_ADDRESS && message !== 'DISCOVER',
    );
    const straight = answers.filter(({ to }) => to !== RELAY_ADDRESS && !to.startsWith('10.78.0.'));
    say(
      answers.length > 0 && straight.length === 0,
      'every answer goes to the relay or the machine',
    );
    say(
      answers.some(({ yiaddr, file }) => yiaddr.startsWith('10.78.0.5') && file === 'shimx64.efi'),
      'the answer has an address of the far network, and the boot file',
    );
    const { seenAt } = device;
    lab.see('history', `seen at ${JSON.stringify(seenAt)}`);
    expect(
      seenAt?.relay === RELAY_ADDRESS && seenAt.port === FAR_INTERFACE,
      'its record has the relay, and the port of option 82',
      () => JSON.stringify(seenAt),
    );
  },
});
