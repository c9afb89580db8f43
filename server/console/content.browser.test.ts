import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { MacAddress, Sha256 } from '#agent/protocol/identity.ts';
import { Application } from '#agent/sequence/application.ts';
import { testBootImageFacts } from '#boot/boot-image-facts.testing.ts';
import type { WindowsAgent } from '../windows-agents.ts';
import { consoleForTests } from './testing/console-for-tests.ts';
import { checkPage, hasChromium } from './testing/test-browser.ts';

/** The agent that this server has for Windows PE. */
const windowsAgent: WindowsAgent = {
  architecture: 'x64',
  version: '0.1.0+newer',
  folder: '',
  files: ['metalwright-agent.exe'],
  agent: { sha256: Sha256.parse('0'.repeat(64)), sizeBytes: 1, compression: 'none' },
  service: undefined,
};
const views = [
  { name: 'light', width: 1280, dark: false },
  { name: 'dark-phone', width: 390, dark: true },
];

describe.skipIf(!hasChromium)('content and boot', () => {
  const test = consoleForTests(() => ({ windowsAgents: [windowsAgent] }));

  async function addPackage(name: string, kind: 'package' | 'os-image' = 'package') {
    const { store, content } = test.site.services;
    const objects = [await content.ingest(Readable.from([Buffer.from(`of ${name}`)]), 'file')];
    return await store.packages.add({ name, kind, objects, images: [] }, 1);
  }

  it('shows each boot request with its reason', async () => {
    const base = { kind: 'decision', atMs: Date.now(), interfaceName: 'bench0' } as const;
    test.site.facts.decisions.push(
      {
        ...base,
        mac: MacAddress.parse('b07b25000011'),
        guid: null,
        architecture: 'x64',
        outcome: 'silent',
        reason: 'ignored: no deployment for ARM64',
        boot: null,
      },
      {
        ...base,
        mac: '02:00:00:00:00:77',
        guid: null,
        architecture: 'uefi-x64',
        outcome: 'answered',
        reason:
          'Required: "Windows 11". Boot image: "Bench PE" (MW100002, version 3), by bootmgfw.efi signed by 2023, because the one of 2011 was fetched 2 times and nothing followed: Secure Boot refuses it there.',
        boot: {
          image: 'Bench PE',
          chain: 'windows-pe',
          signer: '2023',
          file: 'windows-pe/MW100002/efi/2023/bootmgfw.efi',
        },
      },
    );
    test.site.services.changes.changed('view');
    for (const { name, ...view } of views) {
      const { page, close } = await test.openPage({ path: '/network', ...view });
      await page.getByText('Bench PE, windows-pe, signed by 2023').waitFor();
      await page.getByText('ignored: no deployment for ARM64').waitFor();
      await page.getByText('silent', { exact: true }).waitFor();
      await page.getByText('console and API: 127.0.0.1:7400').waitFor();
      await checkPage(page, `network-${name}`);
      await close();
    }
  });

  it('shows what is in the boot images of Windows PE, and which has another agent', async () => {
    const { content, store } = test.site.services;
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
    const { page, close } = await test.openPage({ path: '/boot-images' });
    const network = await test.openPage({ path: '/network' });
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
    await network.page.getByText('They start from Bench PE.').waitFor();
    const size = Object.values(files).join('').length;
    await panel.getByText(`version 1, ${size} B`).waitFor();
    await panel.getByText('drivers 01-rst, 02-vmd').waitFor();
    await panel.getByText('starts UEFI (signed by 2023)').waitFor();
    await panel.getByText('agent 0.1.0+older, not the one that this server has').waitFor();
    await panel.getByRole('button', { name: 'Rebuild Bench PE' }).waitFor();
    await checkPage(page, 'boot-images');
    const narrow = await test.openPage({ path: '/boot-images', dark: true, width: 390 });
    await narrow.page.getByText('WinPE-WMI, WinPE-SecureStartup').waitFor();
    await checkPage(narrow.page, 'boot-images-dark');
    await narrow.close();
    await store.settings.change({ bootImage: null });
    await store.bootChains.put({ ...model, settings: {} });
    await panel.getByText('set for no machine; task sequences may name it').waitFor();
    await network.page.getByText('They start from Linux PE.').waitFor();
    await network.close();
    await close();
  });

  it('M52 lists packages with their versions, and what each distribution point has of them', async () => {
    const { store } = test.site.services;
    const tools = await addPackage('Tools');
    await addPackage('Tools');
    const gold = await addPackage('Gold', 'os-image');
    const bad = await addPackage('Broken <b>one</b>');
    await store.software.addApplication(
      Application.parse({
        name: 'Mail',
        deploymentTypes: [{ name: 'S', install: 'i', detection: { script: 'f' } }],
      }),
      1,
    );
    const url = 'http://10.9.0.2:8080';
    const branch = await store.distributionPoints.create({ name: 'Branch', url }, 1);
    const note = (packageId: typeof gold.id, state: 'present' | 'damaged', detail = '') => ({
      packageId,
      version: 1,
      state,
      detail,
    });
    await store.pointPackages.note(
      branch.id,
      [
        note(tools.id, 'present'),
        note(gold.id, 'present'),
        note(bad.id, 'damaged', '1 object is another'),
      ],
      { only: true, nowMs: 1 },
    );
    for (const { name, ...view } of views) {
      const { page, close } = await test.openPage({ path: '/content', ...view });
      const panel = page.getByRole('region', { name: 'Packages, images and applications' });
      const row = (of: string) =>
        panel
          .locator('ul[aria-label="Packages, images and applications"] > li')
          .filter({ hasText: of });
      await row('Gold').getByText('everywhere').waitFor();
      await row('Gold').getByText(`OS image, ${gold.id}`).waitFor();
      await row('Tools').getByText('1 without').waitFor();
      await row('Tools').getByText('version 2, 8 B').waitFor();
      await row('Tools').getByText('Branch: version 1 only').waitFor();
      await row('Tools').getByText('This server: all of it').waitFor();
      await row('Broken <b>one</b>').getByText('Branch: damaged, 1 object is another').waitFor();
      await row('Mail').getByText('no files').waitFor();
      await checkPage(page, `content-${name}`);
      await panel.getByLabel('Name, id or kind').fill('os image');
      await expect.poll(() => row('').count()).toBe(1);
      await panel.getByLabel('Name, id or kind').fill('nothing like that');
      await panel.getByText('There is no such package').waitFor();
      await close();
    }
  });
});
