import { randomUUID } from 'node:crypto';
import { access } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DeviceId, MacAddress, Sha256 } from '#agent/protocol/identity.ts';
import { StepId } from '#agent/protocol/run-event.ts';
import { testBootImageFacts } from '#boot/boot-image-facts.testing.ts';
import {
  addDevice,
  addFacts,
  addLog,
  finished,
  runFinished,
  runStarted,
  started,
  startRun,
} from '../http/routes/operator/test-bench.ts';
import { openTestConsole, type TestConsole } from '../http/routes/operator/test-console.ts';
import { testIdentity } from '../inventory/testing/test-identity.ts';
import type { WindowsAgent } from '../windows-agents.ts';

const CHROMIUM = '/usr/bin/chromium';
const chromiumFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const hasChromium = await access(CHROMIUM).then(
  () => true,
  () => false,
);
if (!hasChromium && process.env['REQUIRE_PEERS'] === '1') {
  throw new Error(`${CHROMIUM} is missing: apt-get install chromium`);
}
/** Where to leave pictures of the page, for somebody to look at. */
const pictures = process.env['CONSOLE_PICTURES'];

/** The agent that this server has for Windows PE. */
const windowsAgent: WindowsAgent = {
  architecture: 'x64',
  version: '0.1.0+newer',
  folder: '',
  files: ['metalwright-agent.exe'],
  agent: { sha256: Sha256.parse('0'.repeat(64)), sizeBytes: 1, compression: 'none' },
  service: undefined,
};

let site: TestConsole;
let base: string;
let browser: Browser;
beforeAll(async () => {
  if (!hasChromium) return;
  site = await openTestConsole({ tls: true, windowsAgents: [windowsAgent] });
  base = await site.listen();
  await addPerson('Ann', 'administrator');
  browser = await chromium.launch({ executablePath: CHROMIUM, args: chromiumFlags });
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await site?.[Symbol.asyncDispose]();
});

const PASSWORD = 'forty mice in the attic';

async function addPerson(name: string, role: 'administrator' | 'operator') {
  const { store, access: operators } = site.services;
  const passwordHash = await operators.people.hashNew(PASSWORD, name);
  await store.people.add({ id: name, name, role, passwordHash, nowMs: Date.now() });
}

/** A page that is signed in, and all that the browser complained of. */
async function openPage(options: { dark?: boolean; width?: number } = {}) {
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    colorScheme: options.dark === true ? 'dark' : 'light',
    viewport: { width: options.width ?? 1280, height: 900 },
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(`${base}/#link=${await site.services.access.newLinkToken()}`);
  return { page, complaints, context };
}

function fail(): never {
  throw new Error('no such device');
}

async function picture(page: Page, name: string): Promise<void> {
  if (pictures !== undefined)
    await page.screenshot({ path: `${pictures}/${name}.png`, fullPage: true });
}

it.skipIf(!hasChromium)(
  'says what to do next while nothing has happened',
  async () => {
    const { page, complaints, context } = await openPage();
    await page.getByText('No machine is known yet').waitFor();
    await page.getByText('Nothing has run yet').waitFor();
    await page.getByText('answering nobody').waitFor();
    await page.getByText('metalwright netboot set --answer-on bench0').waitFor();
    expect(new URL(page.url()).hash).toBe('');
    await picture(page, 'empty');
    expect(complaints).toEqual([]);
    await context.close();
  },
  60_000,
);

it.skipIf(!hasChromium)(
  'asks to sign in without a session, and when the link was used',
  async () => {
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    await page.goto(`${base}/#link=used`);
    await page.getByText('This link was used already').waitFor();
    await page.getByText('metalwright admin-link').waitFor();
    await picture(page, 'sign-in');
    await context.close();
  },
  60_000,
);

it.skipIf(!hasChromium)(
  'M53 shows a machine as lost in Windows Setup when its time is over, until it speaks',
  async () => {
    const setup = { step: 'Setup Windows', type: 'setup-windows', params: {} };
    const run = await startRun(site, await addDevice(site, 41), [setup]);
    await site.services.store.settings.change({ windowsSetupLostMinutes: 15 });
    const { page, complaints, context } = await openPage();
    // It becomes so while the page is open: by the clock, with no message of the machine.
    const lostInMs = 1500;
    await addFacts(
      site,
      run,
      [
        runStarted,
        started('0', 'Setup Windows'),
        finished('0', 'Setup Windows'),
        { kind: 'restart-requested', next: 'disk', delayMs: 0 },
      ],
      Date.now() - 15 * 60_000 + lostInMs,
    );
    await page.getByText('PC41').first().waitFor();
    await page.getByText('restarting', { exact: true }).waitFor();
    expect(await page.getByText('Lost in Windows Setup since').count()).toBe(0);
    await page.getByText('Lost in Windows Setup since').waitFor();
    await page.getByText('1 lost in Windows Setup').waitFor();
    expect(await page.getByText('lost', { exact: true }).count()).toBe(2);
    await page.getByText('setuperr.log').waitFor();
    await picture(page, 'lost');
    const dark = await openPage({ dark: true, width: 390 });
    await dark.page.getByText('Lost in Windows Setup since').waitFor();
    await picture(dark.page, 'lost-dark');
    await dark.context.close();
    await addFacts(site, run, [{ kind: 'resumed', environment: 'full-os', from: 'journal' }]);
    await page.getByText('Lost in Windows Setup since').waitFor({ state: 'detached' });
    await addFacts(site, run, [runFinished()]);
    expect(complaints).toEqual([]);
    await context.close();
  },
  60_000,
);

it.skipIf(!hasChromium)(
  'shows what is in the boot images of Windows PE, and which has another agent',
  async () => {
    const { content, store } = site.services;
    const facts = testBootImageFacts({
      components: ['WinPE-WMI', 'WinPE-SecureStartup'],
      drivers: ['01-rst', '02-vmd'],
      agentVersion: '0.1.0+older',
      efiBootManagers: { '2023': 'efi/2023/bootmgfw.efi' },
      bios: null,
      revocationList: null,
      fonts: [],
    });
    const files = {
      'boot-image.json': JSON.stringify(facts),
      'boot.wim': 'wim',
      'boot.sdi': 'sdi',
      'efi/2023/bootmgfw.efi': 'manager',
    };
    const objects = [];
    for (const [path, text] of Object.entries(files))
      objects.push(await content.ingest(Readable.from([Buffer.from(text)]), path));
    const { page, complaints, context } = await openPage();
    await page.getByText('There is no Windows PE').waitFor();
    const { id: bootImage } = await store.packages.add(
      { kind: 'boot-image', name: 'Bench PE', objects, images: [] },
      0,
    );
    const model = { scope: 'model', key: 'Acme Box 3000', label: 'Acme Box 3000' } as const;
    await store.bootChains.put({ ...model, settings: { bootImage } });
    await store.settings.change({ bootImage });
    const panel = page.getByRole('region', { name: 'Boot images of Windows PE' });
    await panel.getByText('Bench PE').waitFor();
    await panel.getByText('WinPE-WMI, WinPE-SecureStartup').waitFor();
    await panel
      .getByText('set for unknown machines and those that wait, the model Acme Box 3000')
      .waitFor();
    await page.getByText('They start from Bench PE.').waitFor();
    const size = Object.values(files).join('').length;
    await panel.getByText(`version 1, ${size} B`).waitFor();
    await panel.getByText('drivers 01-rst, 02-vmd').waitFor();
    await panel.getByText('starts UEFI (signed by 2023)').waitFor();
    await panel.getByText('agent 0.1.0+older, not the one that this server has').waitFor();
    await panel.getByRole('button', { name: 'Rebuild Bench PE' }).waitFor();
    await picture(page, 'boot-images');
    const narrow = await openPage({ dark: true, width: 390 });
    await narrow.page.getByText('WinPE-WMI, WinPE-SecureStartup').waitFor();
    await picture(narrow.page, 'boot-images-dark');
    await narrow.context.close();
    await store.settings.change({ bootImage: null });
    await store.bootChains.put({ ...model, settings: {} });
    await panel.getByText('set for no machine; task sequences may name it').waitFor();
    await page.getByText('They start from Linux PE.').waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  },
  60_000,
);

it.skipIf(!hasChromium)(
  'shows machines and runs as they move, and approves one by keyboard',
  async () => {
    const { changes, store } = site.services;
    const waiting = await addDevice(site, 11, {
      name: 'MW-B07B25000011',
      state: 'waiting',
      unclaimedDevices: ['8086:15f3 (020000)'],
    });
    site.facts.decisions.push({
      kind: 'decision',
      atMs: Date.now(),
      interfaceName: 'bench0',
      mac: waiting.macAddresses[0] ?? MacAddress.parse('000000000000'),
      guid: waiting.smbiosGuid,
      architecture: 'x64',
      outcome: 'answered',
      reason: 'An unknown machine gets the boot image, so that an operator can see and approve it.',
      boot: { image: 'Linux PE', chain: 'linux-pe', signer: null, file: 'shimx64.efi' },
    });
    const windows = { image: 'Bench PE', chain: 'windows-pe', signer: '2023' } as const;
    site.facts.decisions.push({
      kind: 'decision',
      atMs: Date.now(),
      interfaceName: 'bench0',
      mac: '02:00:00:00:00:77',
      guid: null,
      architecture: 'uefi-x64',
      outcome: 'answered',
      reason:
        'Required: "Windows 11". Boot image: "Bench PE" (MW100002, version 3), by bootmgfw.efi signed by 2023, because the one of 2011 was fetched 2 times and nothing followed: Secure Boot refuses it there. It is told to fetch windows-pe/MW100002/efi/2023/bootmgfw.efi.',
      boot: { ...windows, file: 'windows-pe/MW100002/efi/2023/bootmgfw.efi' },
    });
    const refusal =
      '"Windows 11" cannot run here: image 1 of Windows 11 (MW100003, version 1) is for arm64; this machine is x64 with UEFI';
    site.facts.refusals.set((await addDevice(site, 15)).id, refusal);
    site.facts.heardServers.push(
      {
        interfaceName: 'bench0',
        address: '10.0.5.254',
        pxe: false,
        firstHeardMs: Date.now(),
        mac: null,
        grants: true,
        offered: null,
        lastHeardMs: Date.now(),
      },
      {
        interfaceName: 'office0',
        address: '192.0.2.44',
        pxe: true,
        firstHeardMs: Date.now(),
        mac: null,
        grants: true,
        offered: null,
        lastHeardMs: Date.now(),
      },
    );
    const running = await startRun(site, await addDevice(site, 12));
    await addFacts(site, running, [
      runStarted,
      started('0/0', 'Format and Partition Disk'),
      {
        kind: 'disk-chosen',
        stepId: StepId.parse('0/0'),
        name: 'Format and Partition Disk',
        attempt: 1,
        disk: {
          number: 0,
          id: 'eui.0025385b21b0c3d4',
          model: 'KINGSTON SNV2S',
          serial: '50026B7',
          sizeBytes: 500_107_862_016,
          bus: 'nvme',
        },
      },
      finished('0/0', 'Format and Partition Disk'),
      started('0/1', 'Apply Operating System Image'),
    ]);
    await addLog(site, running, 'Partitioned disk 0: GPT, 3 partitions');
    await addLog(site, running, 'Applying "Debian 12" to partition 2 of disk 0');
    site.facts.progress.set(running, {
      stepId: null,
      index: 2,
      total: 5,
      title: 'Apply Operating System Image',
      detail: 'Debian 12',
      doneBytes: 1_200_000_000,
      totalBytes: 2_400_000_000,
      bytesPerSecond: 41_300_000,
      remainingMs: 29_000,
    });
    const failed = await startRun(site, await addDevice(site, 13));
    const error = {
      code: 'disk.too-small',
      message: 'Disk 0 (KINGSTON SA400) has 120 GB; the partitions need 250 GB',
      hint: 'put in a bigger disk, or make the partitions of this sequence smaller',
    };
    await addFacts(site, failed, [
      runStarted,
      started('0/0', 'Format and Partition Disk'),
      finished('0/0', 'Format and Partition Disk', error),
      runFinished(error),
    ]);
    await addLog(site, failed, error.message, 3);
    const done = await startRun(site, await addDevice(site, 14));
    await addFacts(site, done, [
      runStarted,
      started('0', 'Restart'),
      finished('0', 'Restart'),
      runFinished(),
    ]);
    changes.changed('view');

    const { page, complaints, context } = await openPage();
    await page.getByText('Step 2 of 5 · Apply Operating System Image: Debian 12').waitFor();
    await page.getByText('41.3 MB/s').waitFor();
    await page.getByText(error.message).first().waitFor();
    await page.getByText('1 other PXE server heard').waitFor();
    await page.getByText('no driver for 8086:15f3').waitFor();
    await page.getByText('Bench PE, windows-pe, signed by 2023').waitFor();
    await page.getByText(`told at the machine: ${refusal}`).waitFor();

    await page.getByRole('button', { name: 'Details of the run on PC12' }).click();
    await page.getByText('Applying "Debian 12" to partition 2').waitFor();
    await page.getByText('Format and Partition Disk succeeded after 4 s').waitFor();
    const erased = 'erases disk 0: KINGSTON SNV2S, serial 50026B7, 500 GB';
    await page.getByText(erased).waitFor();
    await picture(page, 'busy');
    await addLog(site, running, 'a line that came later');
    await addFacts(site, running, [finished('0/1', 'Apply Operating System Image')]);
    await page.getByText('a line that came later').waitFor();

    await page.getByRole('button', { name: `Approve ${waiting.name}` }).focus();
    await page.keyboard.press('Enter');
    await page
      .getByRole('button', { name: `Approve ${waiting.name}` })
      .waitFor({ state: 'hidden' });
    expect((await store.devices.get(waiting.id))?.state).toBe('approved');
    expect(complaints).toEqual([]);
    await context.close();

    for (const [name, options] of [
      ['dark', { dark: true }],
      ['phone', { width: 390 }],
    ] as const) {
      const other = await openPage(options);
      await other.page.getByText('Step 2 of 5').waitFor();
      await other.page.getByRole('button', { name: 'Details of the run on PC13' }).click();
      await other.page.getByText('Run failed').waitFor();
      await picture(other.page, name);
      const { scrollWidth, clientWidth } = await other.page.evaluate(() => {
        const { documentElement } = Reflect.get(globalThis, 'document');
        return {
          scrollWidth: documentElement.scrollWidth,
          clientWidth: documentElement.clientWidth,
        };
      });
      expect(scrollWidth, `${name} scrolls sideways`).toBeLessThanOrEqual(clientWidth);
      await other.context.close();
    }
  },
  120_000,
);

it.skipIf(!hasChromium)(
  'M54 settles by one button what two records share',
  async () => {
    const { store } = site.services;
    const guid = '4c4c4544-0034-3010-8057-b8c04f0000aa';
    const seen = async (mac: string, name: string) => {
      const identity = testIdentity({
        smbiosGuid: guid,
        macAddresses: [mac],
        manufacturer: 'Acme',
        model: 'Board',
      });
      const at = { newId: DeviceId.parse(randomUUID()), nowMs: Date.now() };
      const { device } = await store.devices.identify(identity, at);
      if (device === null) throw new Error('no record');
      await store.devices.setState(device.id, { state: 'approved', name });
      return device.id;
    };
    const first = await seen('b0:7b:25:00:00:51', 'TWIN-1');
    const second = await seen('b0:7b:25:00:00:52', 'TWIN-2');
    expect(second).not.toBe(first);
    const { page, complaints, context } = await openPage();
    const panel = page.getByRole('region', { name: /^Which machine is it/ });
    await panel.getByText('TWIN-2 and TWIN-1', { exact: true }).waitFor();
    await panel.getByText('TWIN-1 has the same GUID, but no MAC address').waitFor();
    await picture(page, 'conflicts');
    await panel.getByRole('button', { name: 'Two machines: TWIN-2 and TWIN-1' }).click();
    await panel.waitFor({ state: 'hidden' });
    expect(await store.deviceConflicts.list()).toEqual([]);
    expect(complaints).toEqual([]);
    await context.close();
  },
  60_000,
);

it.skipIf(!hasChromium)(
  'M57 approves machines that wait: one, those that are selected, and in advance',
  async () => {
    const { store } = site.services;
    const place = { interfaceName: 'bench0', relay: null, switchId: 'sw-3' };
    const add = (number: number) =>
      addDevice(site, number, {
        name: `NEW-${number}`,
        state: 'waiting',
        seenAt: { ...place, atMs: 1, address: `10.0.5.${number}`, port: `eth1/${number}` },
        createdMs: Date.now() - number * 60_000,
      });
    const devices = [await add(21), await add(22), await add(23), await add(24)];
    const stateOf = async (index: number) =>
      (await store.devices.get(devices[index]?.id ?? fail()))?.state;
    const { page, complaints, context } = await openPage();
    const panel = page.getByRole('region', { name: /^Waiting for approval/ });
    const rows = panel.locator('.row.waiting');
    await panel.getByText('Port eth1/24').waitFor();
    // Longest first.
    expect(await rows.locator('.quiet').first().innerText()).toBe('NEW-24');
    await panel.getByText('switch sw-3 · on bench0 · 10.0.5.24').waitFor();
    await panel.getByText('came 24 min ago', { exact: true }).waitFor();
    expect(await panel.getByRole('button', { name: 'Approve selected' }).isDisabled()).toBe(true);
    await page.getByText('Approve in advance').first().click();
    await panel.getByText('None is open').waitFor();
    await picture(page, 'waiting');
    const dark = await openPage({ dark: true });
    await dark.page.getByText('Approve in advance').first().click();
    await dark.page.getByText('Port eth1/24').waitFor();
    await picture(dark.page, 'waiting-dark');
    await dark.context.close();
    const phone = await openPage({ width: 390 });
    await phone.page.getByText('Port eth1/24').waitFor();
    await picture(phone.page, 'waiting-phone');
    await phone.context.close();

    await panel.getByRole('button', { name: 'Approve NEW-24' }).click();
    await panel.getByText('NEW-24').waitFor({ state: 'detached' });
    expect(await stateOf(3)).toBe('approved');
    await panel.getByRole('checkbox', { name: 'Select NEW-22' }).check();
    await panel.getByRole('checkbox', { name: 'Select NEW-23' }).check();
    await panel.getByRole('button', { name: 'Approve selected (2)' }).click();
    await panel.getByText('NEW-22').waitFor({ state: 'detached' });
    expect([await stateOf(0), await stateOf(1), await stateOf(2)]).toEqual([
      'waiting',
      'approved',
      'approved',
    ]);
    await panel.getByLabel('Switch ports').fill('nonsense 9-1');
    await panel.getByRole('button', { name: 'Approve in advance' }).click();
    await page.getByText('counts up at its end').waitFor();
    await panel.getByLabel('Switch ports').fill('eth1/20-24');
    await panel.getByRole('button', { name: 'Approve in advance' }).click();
    await panel.getByText('port eth1/20-24').waitFor();
    await panel.getByText('1 of 40 let in').waitFor();
    await panel.getByText('No machine waits.').waitFor();
    expect(await stateOf(0)).toBe('approved');
    await picture(page, 'waiting-none');
    await panel.getByRole('button', { name: 'End the approval of port eth1/20-24' }).click();
    await panel.getByText('None is open').waitFor();
    // The refused form is a failed request, which the browser notes.
    expect(complaints.filter((text) => !text.includes('400'))).toEqual([]);
    await context.close();
  },
  60_000,
);

it.skipIf(!hasChromium)('signs in by name and password, and says what is wrong', async () => {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  await page.goto(base);
  await page.locator('#sign-in-name').fill('Ann');
  await page.locator('#sign-in-password').fill('nonsense');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('Name and password do not belong together').waitFor();
  await picture(page, 'sign-in-refused');
  expect(await page.locator('#sign-in-password').inputValue()).toBe('');
  await page.locator('#sign-in-password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: /^Machines/ }).waitFor();
  await context.close();
});

it.skipIf(!hasChromium)(
  'asks for the first administrator where nobody has an account',
  async () => {
    await using fresh = await openTestConsole({ tls: true });
    const address = await fresh.listen();
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    await page.goto(`${address}/#link=${await fresh.services.access.newLinkToken()}`);
    await page.getByRole('heading', { name: 'The first administrator' }).waitFor();
    await page.locator('#set-up-name').fill('Bea');
    await page.locator('#set-up-password').fill('forty mice in the attic');
    await picture(page, 'set-up');
    await page.getByRole('button', { name: 'Make the account' }).click();
    await page.getByRole('heading', { name: /^Machines/ }).waitFor();
    expect(
      (await fresh.services.store.people.list()).map(({ name, role }) => [name, role]),
    ).toEqual([['Bea', 'administrator']]);
    await context.close();
  },
);
