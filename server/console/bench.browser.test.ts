import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { DeviceId } from '#agent/protocol/identity.ts';
import { addDevice, addPerson } from '../http/routes/operator/test-bench.ts';
import { testIdentity } from '../inventory/testing/test-identity.ts';
import { consoleForTests } from './testing/console-for-tests.ts';
import { checkPage, hasChromium, signIn } from './testing/test-browser.ts';

describe.skipIf(!hasChromium)('the bench', () => {
  const test = consoleForTests();

  it('says what to do next while nothing has happened', async () => {
    const { page, close } = await test.openPage();
    await page.getByText('No machine is known yet').waitFor();
    await page.getByText('answering nobody').waitFor();
    await page.getByText('metalwright netboot set --answer-on bench0').waitFor();
    await checkPage(page, 'bench-empty');
    await close();
  });

  it('shows machines as they are, and approves one by keyboard', async () => {
    const { changes, store } = test.site.services;
    const waiting = await addDevice(test.site, 11, {
      name: 'MW-B07B25000011',
      state: 'waiting',
      unclaimedDevices: ['8086:15f3 (020000)'],
    });
    const refusal =
      '"Windows 11" cannot run here: image 1 of Windows 11 (MW100003, version 1) is for arm64; this machine is x64 with UEFI';
    test.site.facts.refusals.set((await addDevice(test.site, 15)).id, refusal);
    const heard = { firstHeardMs: Date.now(), lastHeardMs: Date.now(), mac: null, grants: true };
    test.site.facts.heardServers.push(
      { ...heard, interfaceName: 'bench0', address: '10.0.5.254', pxe: false, offered: null },
      { ...heard, interfaceName: 'office0', address: '192.0.2.44', pxe: true, offered: null },
    );
    changes.changed('view');
    const { page, close } = await test.openPage();
    await page.getByText('1 other PXE server heard').waitFor();
    await page.getByText('no driver for 8086:15f3').waitFor();
    await page.getByText(`told at the machine: ${refusal}`).waitFor();
    await checkPage(page, 'bench');

    await page.getByRole('button', { name: `Approve ${waiting.name}` }).focus();
    await page.keyboard.press('Enter');
    await page
      .getByRole('button', { name: `Approve ${waiting.name}` })
      .waitFor({ state: 'detached' });
    expect((await store.devices.get(waiting.id))?.state).toBe('approved');
    await close();

    for (const [name, options] of [
      ['bench-dark', { dark: true }],
      ['bench-tablet', { width: 820 }],
      ['bench-phone', { width: 390 }],
    ] as const) {
      const other = await test.openPage(options);
      await other.page.getByText(`told at the machine: ${refusal}`).waitFor();
      await checkPage(other.page, name);
      await other.close();
    }
  });

  it('M54 settles by one button what two records share', async () => {
    const { store } = test.site.services;
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
    const { page, close } = await test.openPage();
    const panel = page.getByRole('region', { name: /^Which machine is it/ });
    await panel.getByText('TWIN-2 and TWIN-1', { exact: true }).waitFor();
    await panel.getByText('TWIN-1 has the same GUID, but no MAC address').waitFor();
    await checkPage(page, 'bench-conflicts');
    await panel.getByRole('button', { name: 'Two machines: TWIN-2 and TWIN-1' }).click();
    await panel.waitFor({ state: 'hidden' });
    expect(await store.deviceConflicts.list()).toEqual([]);
    await close();
  });

  it('M57 approves machines that wait: one, those that are selected, and in advance', async () => {
    const { store } = test.site.services;
    const place = { interfaceName: 'bench0', relay: null, switchId: 'sw-3' };
    const add = (number: number) =>
      addDevice(test.site, number, {
        name: `NEW-${number}`,
        state: 'waiting',
        seenAt: { ...place, atMs: 1, address: `10.0.5.${number}`, port: `eth1/${number}` },
        createdMs: Date.now() - number * 60_000,
      });
    const devices = [await add(21), await add(22), await add(23), await add(24)];
    const states = () =>
      Promise.all(devices.map(async ({ id }) => (await store.devices.get(id))?.state));
    // The refused form is a failed request, which the browser notes.
    const { page, close } = await test.openPage({ expected: ['400'] });
    const panel = page.getByRole('region', { name: /^Waiting for approval/ });
    const rows = panel.getByRole('listitem');
    await panel.getByText('Port eth1/24').waitFor();
    // Longest first.
    expect(await rows.first().innerText()).toContain('NEW-24');
    await panel.getByText('switch sw-3 · on bench0 · 10.0.5.24').waitFor();
    await panel.getByText('came 24 min ago', { exact: true }).waitFor();
    expect(await panel.getByRole('button', { name: 'Approve selected' }).isDisabled()).toBe(true);
    await panel.getByText('Approve in advance').first().click();
    await panel.getByText('None is open').waitFor();
    await checkPage(page, 'bench-waiting');
    for (const [name, options] of [
      ['bench-waiting-dark', { dark: true }],
      ['bench-waiting-phone', { width: 390 }],
    ] as const) {
      const other = await test.openPage(options);
      await other.page.getByText('Approve in advance').first().click();
      await other.page.getByText('Port eth1/24').first().waitFor();
      await other.page.getByText('None is open').waitFor();
      await checkPage(other.page, name);
      await other.close();
    }

    await panel.getByRole('button', { name: 'Approve NEW-24' }).click();
    await panel.getByText('NEW-24').waitFor({ state: 'detached' });
    expect((await states())[3]).toBe('approved');
    await panel.getByRole('checkbox', { name: 'Select NEW-22' }).check();
    await panel.getByRole('checkbox', { name: 'Select NEW-23' }).check();
    await panel.getByRole('button', { name: 'Approve selected (2)' }).click();
    await panel.getByText('NEW-22').waitFor({ state: 'detached' });
    expect((await states()).slice(0, 3)).toEqual(['waiting', 'approved', 'approved']);
    await panel.getByLabel('Switch ports').fill('nonsense 9-1');
    await panel.getByRole('button', { name: 'Approve in advance' }).click();
    await page.getByText('counts up at its end').waitFor();
    await panel.getByLabel('Switch ports').fill('eth1/20-24');
    await panel.getByRole('button', { name: 'Approve in advance' }).click();
    await panel.getByText('port eth1/20-24').waitFor();
    await panel.getByText('1 of 40 let in').waitFor();
    await panel.getByText('No machine waits.').waitFor();
    expect((await states())[0]).toBe('approved');
    await checkPage(page, 'bench-waiting-none');
    await panel.getByRole('button', { name: 'End the approval of port eth1/20-24' }).click();
    await panel.getByText('None is open').waitFor();
    await close();
  });

  it('offers an auditor nothing that he may not do', async () => {
    const waiting = await addDevice(test.site, 61, { name: 'NEW-61', state: 'waiting' });
    const password = await addPerson(test.site, 'Rita', 'auditor');
    const { page, close } = await test.openPage();
    await page.getByRole('button', { name: 'Approve NEW-61' }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await signIn(page, 'Rita', password);
    const panel = page.getByRole('region', { name: /^Waiting for approval/ });
    await panel.getByText('NEW-61').waitFor();
    expect(await panel.getByRole('button').count()).toBe(0);
    expect(await panel.getByRole('checkbox').count()).toBe(0);
    await panel.getByText('Approve in advance').click();
    await panel.getByText('None is open').waitFor();
    expect(await panel.getByRole('textbox').count()).toBe(0);
    await test.site.services.store.devices.setState(waiting.id, { state: 'ignored' });
    await close();
  });
});
