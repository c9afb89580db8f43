import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DriverFacts } from '#agent/drivers/driver-facts.ts';
import { driverFacts } from '#agent/drivers/driver-facts.ts';
import { DRIVER_INDEX } from '#agent/drivers/driver-index.ts';
import { DriverPack } from '#agent/drivers/driver-pack.ts';
import { parseInf } from '#agent/drivers/inf.ts';
import { addDevice } from './test-bench.ts';
import { openTestConsole, type TestConsole } from './test-console.ts';

let site: TestConsole;
beforeAll(async () => {
  site = await openTestConsole({ tls: false });
});
afterAll(() => site[Symbol.asyncDispose]());

const get = async (path: string) => {
  const headers = { authorization: `Bearer ${site.token}` };
  const answer = await site.app.inject({ method: 'GET', url: `/api/v1${path}`, headers });
  return { status: answer.statusCode, body: answer.json() };
};

/** A network driver for these ids of amd64 from Windows 10 on. */
function madeFacts(ids: readonly string[], version: string, inf = 'net/card.inf'): DriverFacts {
  const lines = [
    '[Version]',
    'Signature = "$Windows NT$"',
    'Class = Net',
    'ClassGuid = {4D36E972-E325-11CE-BFC1-08002BE10318}',
    'Provider = Maker',
    `DriverVer = 02/03/2024,${version}`,
    '[Manufacturer]',
    'Maker = Models, NTamd64.10.0',
    '[Models.NTamd64.10.0]',
    ...ids.map((id) => `"A card" = Install, ${id}`),
  ];
  return driverFacts(parseInf(new TextEncoder().encode(lines.join('\r\n'))), inf);
}

async function addPackage(name: string, index: object | string): Promise<string> {
  const { content, store } = site.services;
  const text =
    typeof index === 'string' ? index : JSON.stringify({ format: 1, categories: [], ...index });
  const object = await content.ingest(Readable.from([Buffer.from(text)]), DRIVER_INDEX);
  const wish = { name, kind: 'driver-package' as const, objects: [object], images: [] };
  return (await store.packages.add(wish, 1)).id;
}
const driver = (facts: DriverFacts) => ({ facts, files: [] });

const CARD = 'PCI\\VEN_8086&DEV_15F3';
const findCard = (more = '') => get(`/drivers/find?id=${encodeURIComponent(CARD)}${more}`);

describe('the catalogue of drivers', () => {
  it('has the newest version of each driver package, and ranks their drivers for a device', async () => {
    await addPackage('Old cards', { drivers: [driver(madeFacts([CARD], '1.0.0.0'))] });
    const id = await addPackage('Cards', { drivers: [driver(madeFacts([CARD], '9.9.9.9'))] });
    const pack = DriverPack.parse({ vendor: 'dell', models: ['Latitude 5440'] });
    await addPackage('Dell', {
      pack,
      categories: ['Dell'],
      drivers: [driver(madeFacts([`${CARD}&SUBSYS_0C451028`], '3.0.0.0', 'a/b.inf'))],
    });
    expect((await findCard()).body).toMatchObject([
      { packageName: 'Cards', verdict: 'wins', id: CARD, version: '9.9.9.9' },
      { packageName: 'Old cards', verdict: 'fits' },
      { packageName: 'Dell', verdict: 'other', id: null },
    ]);
    await addPackage('Cards', { drivers: [driver(madeFacts([CARD], '0.1.0.0'))] });
    expect((await findCard()).body).toMatchObject([
      { packageName: 'Old cards', verdict: 'wins' },
      { packageName: 'Cards', version: '0.1.0.0' },
      { packageName: 'Dell' },
    ]);
    const arm = (await findCard('&architecture=arm64')).body;
    expect(arm.map(({ verdict }: { verdict: string }) => verdict)).toEqual(Array(3).fill('other'));
    expect((await get('/driver-packages')).body).toMatchObject([
      { name: 'Cards', version: 2, driverCount: 1, architectures: ['x64'], pack: null },
      { name: 'Dell', categories: ['Dell'], pack: { vendor: 'dell', models: ['Latitude 5440'] } },
      { name: 'Old cards', problem: null },
    ]);
    expect((await get(`/drivers?package=${id}`)).body).toMatchObject([
      { inf: 'net/card.inf', className: 'Net', provider: 'Maker', date: '2024-02-03', idCount: 1 },
    ]);
    const shown = await get(`/drivers/${id}?inf=NET%5CCARD.INF`);
    expect(shown.body.facts.sections[0].models).toMatchObject([{ hardwareId: CARD }]);
    expect(await get(`/drivers/${id}?inf=none.inf`)).toMatchObject({
      status: 404,
      body: { code: 'driver.not-found' },
    });
  });

  it('says of a package why its drivers are not known', async () => {
    await addPackage('Broken', '{');
    const broken = (await get('/driver-packages')).body[0];
    expect(broken).toMatchObject({ name: 'Broken', driverCount: 0 });
    expect(broken.problem).toContain('no JSON');
  });
});

describe('devices without a driver', () => {
  it('are told by make and model, with how many machines have them', async () => {
    const dell = { manufacturer: 'Dell Inc.', model: 'Latitude 5440' };
    const card = '8086:15f3 (020000) subsys 99991028 rev 03';
    await addDevice(site, 11, { ...dell, unclaimedDevices: [card, '1234:5678 (010802)'] });
    await addDevice(site, 12, { ...dell, unclaimedDevices: ['1234:5678 (010802)'] });
    await addDevice(site, 13, { ...dell, unclaimedDevices: [] });
    await addDevice(site, 14, {
      manufacturer: 'HP',
      model: 'EliteBook',
      unclaimedDevices: ['8086:0001 (020000)'],
    });
    await addPackage('Another board', {
      drivers: [driver(madeFacts(['PCI\\VEN_8086&DEV_0001&SUBSYS_11112222'], '1.0.0.0'))],
    });
    const gaps = (await get('/drivers/missing')).body;
    expect(gaps).toMatchObject([
      {
        ...dell,
        machines: 2,
        devices: [
          {
            id: 'PCI\\VEN_1234&DEV_5678',
            machines: 2,
            isStorage: true,
            driver: 'none',
          },
        ],
      },
      { model: 'EliteBook', devices: [{ driver: 'other-boards' }] },
    ]);
    const coverage = (await get('/drivers/coverage?model=dell%20inc.%20latitude%205440')).body;
    expect(coverage).toMatchObject({
      machines: 3,
      packs: [{ name: 'Dell', fit: 'model' }],
      gaps: [
        {
          devices: [
            { id: 'PCI\\VEN_1234&DEV_5678', driver: 'none' },
            { id: CARD, driver: 'covered', hardwareId: `${CARD}&SUBSYS_99991028&REV_03` },
          ],
        },
      ],
    });
    expect((await get('/drivers/coverage?model=Unheard')).body).toEqual({
      machines: 0,
      packs: [],
      gaps: [],
    });
  });
});
