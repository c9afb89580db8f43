import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { fetchByTftp } from '#server/tftp/tftp-client.testing.ts';
import { LAB_MACHINE } from '../bench.ts';
import { addStandInImages, type StandInImage } from '../boot-image-package.ts';
import { BOOT_MANAGER_END, makeBootManager, readBootManager } from '../boot-manager.ts';
import { startCapture } from '../capture.ts';
import { startForeignDhcp } from '../foreign-dhcp.ts';
import { buildMachine, type Machine } from '../machine.ts';
import type { MachineHardware } from '../machine-arguments.ts';
import { SERVER_ADDRESS } from '../namespace.ts';
import { defineScenario, expect, type Lab } from '../scenario.ts';
import { shell } from '../sequences.ts';
import { openSite, type Site } from '../site.ts';
import { waitFor } from '../wait.ts';
import { wireStory } from '../wire-story.ts';

interface Place {
  readonly device: string;
  readonly mac: string;
  readonly image: { readonly id: string; readonly name: string };
  readonly signer: '2011' | '2023';
  readonly windowSize: number;
}
const places: readonly Place[] = [
  {
    device: 'LAB-01',
    mac: '52:54:00:77:00:01',
    image: { id: 'PELAB001', name: 'Bench PE' },
    signer: '2011',
    windowSize: 4,
  },
  {
    device: 'LAB-02',
    mac: '52:54:00:77:00:02',
    image: { id: 'PELAB002', name: 'Office PE' },
    signer: '2023',
    windowSize: 16,
  },
];
/** A machine whose firmware refuses the boot manager of its image that is signed by nobody it knows. */
const guarded: Place = {
  device: 'LAB-03',
  mac: '52:54:00:77:00:03',
  image: { id: 'PELAB003', name: 'Guarded PE' },
  signer: '2023',
  windowSize: 4,
};

/** Windows PE as far as it goes without Windows: all that its boot manager asks for, for several machines. */
export const winpeChain = defineScenario({
  name: 'winpe-chain',
  title: 'Two machines at once load two boot images of Windows PE; Secure Boot chooses a signer.',
  kind: 'machine',
  estimateSeconds: 440,
  core: false,
  async run(lab) {
    lab.use(await startForeignDhcp(lab.foreignNamespace, lab.directory));
    const capture = lab.use(await startCapture(lab.directory, lab.signal));
    const site = await openSite(lab, 'ignore');
    await site.kill();
    const images = await putImages(lab, site);
    await site.start();
    for (const line of (await site.metalwright('status')).split('\n'))
      if (line.includes('PELAB')) lab.see('server', line.trim());
    await deployTo(site, [...places, guarded]);

    await Promise.all(places.map((place, at) => bootOne(lab, { site, place, at, images })));
    for (const line of wireStory(await capture.events()).filter((one) =>
      one.includes('windows-pe'),
    ))
      lab.see('wire', line);
    await refuseBySecureBoot(lab, site);
    const chains = await site.metalwright('netboot', 'chain', 'list');
    for (const line of chains.trim().split('\n')) lab.see('server', line);
  },
});

/** Names that a boot manager of Windows asks for, in its order, and what they are in the image. */
function namesOf(
  image: Place['image'],
): readonly { readonly name: string; readonly path: string | null }[] {
  return [
    { name: '\\BCD', path: 'BCD' },
    { name: '\\Boot\\BCD', path: 'BCD' },
    { name: '\\EFI\\Microsoft\\Boot\\Fonts\\wgl4_boot.ttf', path: 'fonts/wgl4_boot.ttf' },
    { name: '\\EFI\\Microsoft\\Boot\\Fonts\\jpn_boot.ttf', path: null },
    { name: '\\EFI\\Microsoft\\Boot\\boot.stl', path: 'efi/boot.stl' },
    { name: '\\EFI\\Microsoft\\Boot\\SiPolicy.p7b', path: null },
    { name: '\\Boot\\boot.sdi', path: 'boot.sdi' },
    { name: `\\windows-pe\\${image.id}\\boot.sdi`, path: 'boot.sdi' },
    { name: `\\windows-pe\\${image.id}\\boot.wim`, path: 'boot.wim' },
  ];
}

async function putImages(lab: Lab, site: Site): Promise<readonly StandInImage[]> {
  const signed = join(lab.images.bootImages, 'shimx64.efi');
  const wanted = await Promise.all(
    [...places, guarded].map(async ({ image, device }) => {
      const manager = join(lab.directory, `${device}.efi`);
      const names = namesOf(image).map(({ name }) => name);
      await makeBootManager(manager, names, lab.signal);
      const managers = { '2011': manager, '2023': image === guarded.image ? signed : manager };
      return { ...image, managers };
    }),
  );
  return await addStandInImages(site.data, wanted);
}

async function deployTo(site: Site, machines: readonly Place[]): Promise<void> {
  await site.addSequence({ name: 'Look around', steps: [shell('Look around', 'true')] });
  await site.metalwright('collection', 'create', 'Bench');
  for (const { device, mac, image, signer, windowSize } of machines) {
    await site.metalwright('device', 'import', '--name', device, '--mac', mac);
    await site.metalwright('collection', 'add', 'Bench', device);
    const settings = ['--boot-image', image.name, '--window-size', String(windowSize)];
    const fixed = device === guarded.device ? [] : ['--signer', signer];
    await site.metalwright('netboot', 'chain', 'set', '--device', device, ...settings, ...fixed);
  }
  const aim = ['--collection', 'Bench', '--purpose', 'required'];
  await site.metalwright('deploy', 'Look around', ...aim);
}

async function buildAt(
  lab: Lab,
  place: Place,
  options: { at: number; secureBoot: boolean },
): Promise<Machine> {
  const { uuid, manufacturer, product } = LAB_MACHINE;
  const hardware: MachineHardware = {
    mac: place.mac,
    uuid: uuid.replace(/.$/, String(options.at + 5)),
    manufacturer,
    product,
    serial: place.device,
    secureBoot: options.secureBoot,
    memoryMiB: 512,
    disk: null,
  };
  const name = `m${options.at + 1}`;
  const { directory, signal } = lab;
  const machine = lab.use(await buildMachine(hardware, { directory, name, signal }));
  lab.countBoots(() => machine.boots());
  return machine;
}

interface One {
  readonly site: Site;
  readonly place: Place;
  readonly at: number;
  readonly images: readonly StandInImage[];
}

/** One machine to the end of its boot manager, and every file against what the server was given. */
async function bootOne(lab: Lab, { site, place, at, images }: One): Promise<void> {
  const { device, image, windowSize } = place;
  const machine = await buildAt(lab, place, { at, secureBoot: false });
  await machine.powerOn();
  await machine.waitForSerial(BOOT_MANAGER_END, 600_000);
  const names = namesOf(image);
  const asked = readBootManager(
    await machine.serial(),
    names.map(({ name }) => name),
  );
  const bcdName = windowSize === 4 ? 'efi/BCD' : `tftp-1456-${windowSize}/efi/BCD`;
  const bcd = await fetchOwn(lab, `windows-pe/${image.id}/${bcdName}`, 4);
  const files = images.find(({ id }) => id === image.id)?.files;
  for (const [index, { name, path }] of names.entries()) {
    const got = asked[index]?.sha256 ?? null;
    const bytes = path === 'BCD' ? bcd.bytes : path === null ? undefined : files?.get(path);
    const wanted = bytes === undefined ? null : sha256(bytes);
    expect(
      got === wanted,
      `${device} gets ${name} of ${image.name}: ${wanted}`,
      () => `it got ${got}`,
    );
    lab.see('machine', `${device} ${name}: ${got === null ? 'there is none' : got.slice(0, 16)}`);
  }
  await machine.cutPower();
  const text = Buffer.from(bcd.bytes).toString('utf16le');
  expect(
    text.includes(`\\windows-pe\\${image.id}\\boot.wim`),
    `its BCD names boot.wim of ${image.id}`,
  );
  const wim = await fetchOwn(lab, `\\windows-pe\\${image.id}\\boot.wim`, windowSize);
  expect(
    wim.mostAtOnce === windowSize,
    `windows of ${windowSize} blocks`,
    () => `${wim.mostAtOnce}`,
  );
  const whole = files?.get('boot.wim');
  expect(
    whole !== undefined && sha256(wim.bytes) === sha256(whole),
    'boot.wim comes whole in windows',
  );
  lab.see(
    'wire',
    `boot.wim of ${image.id} in blocks of ${wim.blockSize}, ${windowSize} at a time: ${wim.bytes.length} bytes`,
  );
  const decision = (await site.decisions()).find(({ mac }) => mac === place.mac);
  const { boot } = decision ?? {};
  expect(
    boot?.image === image.name && boot.chain === 'windows-pe' && boot.signer === place.signer,
    `the decision tells ${image.name}, windows-pe, ${place.signer}`,
    () => JSON.stringify(decision),
  );
  lab.see('server', decision?.reason ?? '');
}

/** A file fetched by a client that knows windows, which GRUB does not. */
async function fetchOwn(lab: Lab, name: string, windowSize: number) {
  const server = { address: SERVER_ADDRESS, port: 69 };
  const options = { blockSize: 1456, windowSize, from: SERVER_ADDRESS, signal: lab.signal };
  return await fetchByTftp(server, name, options);
}

/** Secure Boot refuses one boot manager; the server notices, gives the other one, and says so. */
async function refuseBySecureBoot(lab: Lab, site: Site): Promise<void> {
  const machine = await buildAt(lab, guarded, { at: 2, secureBoot: true });
  // The firmware goes on to HTTP Boot afterwards, which is refused: that is not what is looked for.
  const decided = async () =>
    (await site.decisions()).find(({ mac, boot }) => mac === guarded.mac && boot !== null);
  const failures = async () => {
    const text = await site.metalwright('netboot', 'chain', 'list', '--json');
    const { signers } = JSON.parse(text);
    return signers.find(({ deviceName }: { deviceName: string }) => deviceName === guarded.device);
  };
  for (const boot of [1, 2]) {
    await machine.powerOn();
    await waitFor(
      `Secure Boot refuses the boot manager, time ${boot}`,
      async () => ((await failures())?.failures >= boot ? true : undefined),
      { timeoutMs: 300_000, signal: lab.signal, evidence: () => site.log() },
    );
    const decision = await decided();
    expect(decision?.boot?.signer === '2011', 'it was given the boot manager of 2011', () =>
      JSON.stringify(decision),
    );
    lab.see('server', `boot ${boot}: ${decision?.reason}`);
    await machine.cutPower();
  }
  await machine.powerOn();
  const third = await waitFor(
    'it is given the other boot manager',
    async () => {
      const decision = await decided();
      return decision?.boot?.signer === '2023' ? decision : undefined;
    },
    { timeoutMs: 120_000, signal: lab.signal, evidence: () => site.log() },
  );
  lab.see('server', `boot 3: ${third.reason}`);
  await machine.cutPower();
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
