import { writeFile } from 'node:fs/promises';
import { NetbootSettings, StatusView } from '#server/http/api.ts';
import { askBoot } from '../ask-boot.ts';
import { runCommand } from '../child.ts';
import { expectRun, seeHistory, waitForRun } from '../history.ts';
import { deployTo } from '../loop-bench.ts';
import { buildLoopMachine, loopMac } from '../loop-machine.ts';
import { BRIDGE, SERVER_ADDRESS } from '../namespace.ts';
import { defineScenario, expect } from '../scenario.ts';
import { shell } from '../sequences.ts';
import { openSite } from '../site.ts';
import { waitFor } from '../wait.ts';

/** The other network of the server: there later than the server. */
const LATE = 'late0';
const LATE_ADDRESS = '10.78.0.1';
/** What a machine on it hangs on: the other end of the cable. */
const PORT = 'late0-port';
const SECOND_MAC = '52:54:00:77:09:01';

/** A server with two networks, of which one comes later; a machine with two adapters, one on each. */
export const twoNics = defineScenario({
  name: 'two-nics',
  title: 'Several interfaces: one that appears later is served, and two adapters are one machine.',
  kind: 'loop',
  estimateSeconds: 20,
  core: false,
  async run(lab) {
    const site = await openSite(lab, 'ignore');
    const api = await site.api();
    // The list of interfaces is fresh, and without the new one, when it is plugged in and named.
    const { netboot } = await api.call('GET', '/status', StatusView);
    await plugIn();
    const answerOn = [BRIDGE, LATE];
    await api.call('PUT', '/netboot', NetbootSettings, { json: { ...netboot, answerOn } });
    await runCommand(['ip', 'link', 'del', LATE]);
    await site.kill();
    await site.start();
    lab.see('server', `started to answer on ${BRIDGE} and on ${LATE}, which is not there yet`);
    const name = 'LOOP-1';
    const document = { name: 'Look', steps: [shell('Look', 'echo seen')] };
    await deployTo(site, { name, mac: loopMac(1), document });
    const first = await askBoot({ mac: loopMac(1) });
    expect(first?.siaddr === SERVER_ADDRESS, `its first adapter is answered on ${BRIDGE}`, () =>
      site.log(),
    );
    lab.see('wire', `${loopMac(1)} on ${BRIDGE}: ${first?.file} from ${first?.siaddr}`);

    await plugIn();
    lab.see('machine', `the cable of ${LATE} is plugged in`);
    const ask = () => askBoot({ mac: loopMac(1), on: PORT });
    const second = await waitFor('the server answers on it', async () => await ask(), {
      timeoutMs: 20_000,
      signal: lab.signal,
      evidence: () => site.log(),
    });
    expect(second.siaddr === LATE_ADDRESS, 'by its address there', () => JSON.stringify(second));
    lab.see('wire', `${loopMac(1)} on ${LATE}: ${second.file} from ${second.siaddr}`);
    const stranger = await askBoot({ mac: SECOND_MAC, on: PORT, waitMs: 3000 });
    expect(stranger === undefined, 'its second adapter, not known yet, is not answered');

    const machine = lab.use(
      await buildLoopMachine(lab, site, {
        number: 1,
        disks: [],
        identity: { macAddresses: [SECOND_MAC, loopMac(1)] },
      }),
    );
    await machine.runToEnd();
    const run = await waitForRun(lab, site, { timeoutMs: 60_000, of: name });
    seeHistory(lab, run);
    expectRun(run, ['Look: ok']);
    const devices = await site.devices();
    expect(devices.length === 1, 'two adapters are one machine', () => JSON.stringify(devices));
    lab.see('server', `${devices[0]?.name}: ${devices[0]?.macAddresses.join(', ')}`);
    for (const [mac, on] of [
      [loopMac(1), BRIDGE],
      [SECOND_MAC, PORT],
    ] as const) {
      // What the run has changed reaches what answers within a second.
      const offer = await waitFor(
        `it is done, by ${mac} on ${on}`,
        async () => {
          const told = await askBoot({ mac, on });
          return told?.localBoot === true ? told : undefined;
        },
        { timeoutMs: 20_000, signal: lab.signal, evidence: () => site.log() },
      );
      lab.see('wire', `${mac} on ${on}: start from the disk, says ${offer.siaddr}`);
    }
    await runCommand(['ip', 'link', 'del', LATE]);
    const still = await askBoot({ mac: loopMac(1) });
    expect(still !== undefined, `${BRIDGE} is answered when ${LATE} is gone`, () => site.log());
    lab.see('server', `${LATE} is gone, ${BRIDGE} is answered all the same`);
  },
});

/** Both ends are of this host: it takes packets that come from itself. */
async function plugIn(): Promise<void> {
  await runCommand(['ip', 'link', 'add', LATE, 'type', 'veth', 'peer', 'name', PORT]);
  await runCommand(['ip', 'addr', 'add', `${LATE_ADDRESS}/24`, 'dev', LATE]);
  await runCommand(['ip', 'link', 'set', LATE, 'up']);
  await runCommand(['ip', 'link', 'set', PORT, 'up']);
  for (const name of [LATE, PORT])
    for (const [setting, value] of [
      ['accept_local', '1'],
      ['rp_filter', '0'],
    ] as const)
      await writeFile(`/proc/sys/net/ipv4/conf/${name}/${setting}`, value);
  await writeFile('/proc/sys/net/ipv4/conf/all/rp_filter', '0');
}
