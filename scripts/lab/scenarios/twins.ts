import { z } from 'zod';
import type { DeviceView } from '#server/http/api.ts';
import { ConflictView } from '#server/http/api-device-conflicts.ts';
import { LAB_MACHINE, openBench } from '../bench.ts';
import { variableOf } from '../deployment.ts';
import { expectRun, waitForRun } from '../history.ts';
import { buildLoopMachine, loopMac } from '../loop-machine.ts';
import { buildMachine } from '../machine.ts';
import { defineScenario, expect, type Lab } from '../scenario.ts';
import { shell } from '../sequences.ts';
import type { Site } from '../site.ts';
import { waitFor } from '../wait.ts';

const NOT_WRITTEN = 'To be filled by O.E.M.';
const TWIN_MAC = '52:54:00:77:00:02';
const BOOT_MS = 600_000;

/** Boards that firmware gives one identity, docks that are everybody's, a board that was changed. */
export const twins = defineScenario({
  name: 'twins',
  title: 'Two machines with one UUID and no serial number are two machines, settled by one word.',
  kind: 'machine',
  estimateSeconds: 250,
  core: false,
  async run(lab) {
    const hardware = { serial: NOT_WRITTEN };
    const { site, machine } = await openBench(lab, { unknown: 'ask', hardware });
    const twin = lab.use(
      await buildMachine(
        { ...machine.hardware, mac: TWIN_MAC, disk: null },
        { directory: lab.directory, name: 'm2', signal: lab.signal },
      ),
    );
    lab.countBoots(() => twin.boots());
    await site.addSequence({
      name: 'Who am I',
      steps: [shell('Look', 'cat /sys/class/net/*/address', { outputVariable: 'LabMacs' })],
    });
    await site.metalwright('collection', 'create', 'Twins');
    const aim = ['--collection', 'Twins', '--purpose', 'required'];
    await site.metalwright('deploy', 'Who am I', ...aim);

    // The first one is approved, known and done before the second is switched on, and stays on.
    await machine.powerOn();
    await admit(lab, site, LAB_MACHINE.mac, 'TWIN-1');
    await checkRun(lab, site, 'TWIN-1', LAB_MACHINE.mac);
    await twin.powerOn();
    const second = await waiting(lab, site, TWIN_MAC);
    expect(
      second.macAddresses.join() === TWIN_MAC,
      'the second machine has a record of its own, with its own adapter',
      () => JSON.stringify(second),
    );
    const first = (await site.devices()).find(({ name }) => name === 'TWIN-1');
    expect(first?.macAddresses.join() === LAB_MACHINE.mac, 'and the first has kept its own', () =>
      JSON.stringify(first),
    );
    for (const { mac, reason } of await site.decisions())
      if (mac === TWIN_MAC) lab.see('wire', reason);
    await settle(lab, site, { device: second.name, other: 'TWIN-1', as: 'new' });
    await admit(lab, site, TWIN_MAC, 'TWIN-2');
    await checkRun(lab, site, 'TWIN-2', TWIN_MAC);
    expect((await site.runs()).length === 2, 'each machine has run once');
    await machine.cutPower();
    await twin.cutPower();

    await dock(lab, site);
    await changedBoard(lab, site);
  },
});

async function waiting(lab: Lab, site: Site, mac: string): Promise<DeviceView> {
  return await waitFor(
    `the machine ${mac} waits for an operator`,
    async () =>
      (await site.devices()).find(
        ({ state, macAddresses }) => state === 'waiting' && macAddresses.some((one) => one === mac),
      ),
    { timeoutMs: BOOT_MS, signal: lab.signal, evidence: () => site.log() },
  );
}

async function admit(lab: Lab, site: Site, mac: string, name: string): Promise<void> {
  const device = await waiting(lab, site, mac);
  await site.metalwright('device', 'approve', device.id, '--name', name);
  await site.metalwright('collection', 'add', 'Twins', name);
}

/** The run of that name was on the machine with that adapter. */
async function checkRun(lab: Lab, site: Site, name: string, mac: string): Promise<void> {
  const run = await waitForRun(lab, site, { timeoutMs: BOOT_MS, of: name });
  expectRun(run, ['Look: ok']);
  const seen = variableOf(run, 'LabMacs') ?? '';
  lab.see('history', `${name} ran on the machine with ${seen.trim().replaceAll(/\s+/g, ' ')}`);
  expect(seen.includes(mac), `the run of ${name} was on ${mac}`, () => seen);
}

/** One word of an operator, and the conflict is no more. */
async function settle(
  lab: Lab,
  site: Site,
  { device, other, as }: { readonly device: string; readonly other: string; readonly as: string },
): Promise<void> {
  const told = await site.metalwright('device', 'conflicts');
  for (const line of told.trim().split('\n')) lab.see('server', line.trim());
  expect(
    told.includes(device) && told.includes(other),
    `${device} and ${other} are told`,
    () => told,
  );
  await site.metalwright('device', 'decide', device, other, '--as', as);
  const left = await (await site.api()).call('GET', '/device-conflicts', z.array(ConflictView));
  expect(left.length === 0, `"--as ${as}" has settled it`, () => JSON.stringify(left));
}

/** Two machines that were on one dock: it is learned to be one, and gives neither the record of the other. */
async function dock(lab: Lab, site: Site): Promise<void> {
  const mac = '00:e0:4c:68:00:01';
  for (const number of [11, 12]) {
    await using machine = await buildLoopMachine(lab, site, {
      number,
      disks: [],
      identity: { macAddresses: [mac, loopMac(number)] },
    });
    await machine.powerOn();
    await waiting(lab, site, loopMac(number));
  }
  const shared = await site.metalwright('device', 'shared');
  lab.see('server', shared.trim().split('\n').at(-1)?.trim() ?? '');
  expect(shared.includes(mac), `the adapter ${mac} is known to be everybody's`, () => shared);
}

/** The same case with a new board: told, and merged by one word. */
async function changedBoard(lab: Lab, site: Site): Promise<void> {
  const serialNumber = 'CASE0021';
  for (const number of [21, 22]) {
    await using machine = await buildLoopMachine(lab, site, {
      number,
      disks: [],
      identity: { serialNumber },
    });
    await machine.powerOn();
    const device = await waiting(lab, site, loopMac(number));
    if (number === 21) await site.metalwright('device', 'approve', device.id, '--name', 'CASE-21');
    else await settle(lab, site, { device: device.name, other: 'CASE-21', as: 'merge' });
  }
  const [one, ...others] = (await site.devices()).filter(
    (each) => each.serialNumber === serialNumber,
  );
  lab.see('server', `${one?.name}: ${one?.macAddresses.join(', ')}`);
  expect(
    others.length === 0 && one?.name === 'CASE-21' && one.macAddresses.length === 2,
    'the machine with the new board is CASE-21',
    () => JSON.stringify([one, ...others]),
  );
}
