import { openBench } from '../bench.ts';
import { bootToPe } from '../boot-to-pe.ts';
import { startForeignDhcp } from '../foreign-dhcp.ts';
import { BRIDGE, FOREIGN_ADDRESS, SERVER_ADDRESS } from '../namespace.ts';
import { defineScenario, expect } from '../scenario.ts';
import { waitFor } from '../wait.ts';

const POOL = ['--first', '10.77.0.100', '--last', '10.77.0.120'];

/** A bench without another DHCP server; then somebody plugs one in. */
export const benchDhcp = defineScenario({
  name: 'bench-dhcp',
  title:
    'Machines of an isolated bench get addresses and boot; another DHCP server stops that, loudly.',
  kind: 'machine',
  estimateSeconds: 90,
  core: false,
  async run(lab) {
    const bench = await openBench(lab, { foreignDhcp: false });
    const { site } = bench;
    await site.metalwright('dhcp', 'set', '--interface', BRIDGE, ...POOL);
    const shows = (text: string, timeoutMs: number) =>
      waitFor(
        `metalwright dhcp show says ${text}`,
        async () => {
          const shown = await site.metalwright('dhcp', 'show');
          return shown.includes(text) ? shown.trim() : undefined;
        },
        { timeoutMs, everyMs: 500, signal: lab.signal, evidence: () => site.log() },
      );
    lab.see('server', await shows(', serving', 30_000));
    const { events, say } = await bootToPe(lab, bench);
    const dhcp = events.filter((event) => event.kind === 'dhcp');
    const given = dhcp.filter(({ message, from }) => message === 'ACK' && from === SERVER_ADDRESS);
    say(
      given.some(
        ({ yiaddr, file }) => /^10\.77\.0\.1[012]\d$/.test(yiaddr) && file === 'shimx64.efi',
      ),
      'one ACK has an address of the pool and the boot file',
    );
    say(!dhcp.some(({ port }) => port === 4011), 'nothing was asked on port 4011');
    const leases = await site.metalwright('dhcp', 'leases');
    for (const line of leases.trim().split('\n')) lab.see('history', line);

    await site.kill();
    await site.start();
    lab.see('server', await shows(', serving', 60_000));
    const after = await site.metalwright('dhcp', 'leases');
    const addresses = (text: string) =>
      text
        .match(/10\.77\.0\.\d+/g)
        ?.toSorted()
        .join() ?? '';
    expect(
      addresses(leases) !== '' && addresses(after) === addresses(leases),
      'a server that was killed knows all leases',
      () => `${leases}\n${after}`,
    );

    lab.use(await startForeignDhcp(lab.foreignNamespace, lab.directory));
    const stopped = await shows(', stopped', 60_000);
    lab.see('server', stopped);
    expect(stopped.includes(FOREIGN_ADDRESS), `it names ${FOREIGN_ADDRESS}`, () => stopped);
    for (const line of (await site.metalwright('status')).split('\n'))
      if (line.includes(FOREIGN_ADDRESS)) lab.see('server', line.trim());
    const audit = await waitFor(
      'the audit log has it',
      async () => {
        const text = await site.metalwright('audit', '--action', 'dhcp.stop');
        return text.includes(FOREIGN_ADDRESS) ? text : undefined;
      },
      { timeoutMs: 10_000, signal: lab.signal },
    );
    for (const line of audit.trim().split('\n')) lab.see('history', line);
    expect(/([0-9a-f]{2}:){5}/.test(audit), 'with its MAC address', () => audit);
  },
});
