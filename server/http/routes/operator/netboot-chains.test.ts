import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ContentObject } from '#agent/protocol/content.ts';
import { DeviceId, PackageId } from '#agent/protocol/identity.ts';
import { smallProgram } from '#boot/pe-header.testing.ts';
import { newDevice } from '../../../inventory/device.ts';
import { testIdentity } from '../../../inventory/testing/test-identity.ts';
import { wholeSnapshot } from '../../../netboot/testing/whole-snapshot.ts';
import { BootChainView, SignerView, WimbootView } from '../../api-netboot.ts';
import { openTestConsole, type TestConsole } from './test-console.ts';
import { noteContents } from './test-reset.ts';

let site: TestConsole;
let putBack: () => Promise<void>;
const device = DeviceId.parse('00000000-0000-4000-8000-000000000001');
beforeAll(async () => {
  site = await openTestConsole({ tls: false });
  const identity = testIdentity({
    smbiosGuid: '4c4c4544-0042-3510-8051-b4c04f4e4d31',
    manufacturer: 'Acme',
    model: 'Box 3000',
    secureBoot: true,
  });
  await site.services.store.devices.put(newDevice(device, identity, { state: 'known', nowMs: 0 }));
  putBack = await noteContents(site);
});
afterEach(async () => putBack());
afterAll(async () => site[Symbol.asyncDispose]());

const ask = async (method: 'GET' | 'PUT' | 'DELETE', path: string, json?: object) =>
  await site.app.inject({
    method,
    url: `/api/v1${path}`,
    headers: { authorization: `Bearer ${site.token}` },
    ...(json === undefined ? {} : { payload: json }),
  });
const chains = async () =>
  BootChainView.array().parse((await ask('GET', '/netboot/chains')).json());
const frame = {
  revision: 1,
  bootImages: new Set(['uefi-x64']),
  interfaces: [],
  ports: { bootHttp: 1 },
  nowMs: 0,
};
const keep = async (text: string | Uint8Array, path: string): Promise<ContentObject> =>
  await site.services.content.ingest(Readable.from([Buffer.from(text)]), path);
const addPackage = async (kind: 'boot-image' | 'package', name: string, objects: ContentObject[]) =>
  (await site.services.store.packages.add({ kind, name, objects, images: [] }, 0)).id;

describe('M50 how machines are started', () => {
  it('has nothing set at first, keeps what is set, and takes it away again', async () => {
    expect(await chains()).toEqual([
      { target: { scope: 'all' }, label: 'all machines', settings: {} },
    ]);
    const target = { scope: 'device', device };
    const model = { scope: 'model', model: 'Acme  Box 3000' };
    await ask('PUT', '/netboot/chains', { target, settings: { signer: '2023', windowSize: 16 } });
    await ask('PUT', '/netboot/chains', { target: model, settings: { blockSize: 1024 } });
    await ask('PUT', '/netboot/chains', { target: { scope: 'all' }, settings: { signer: '2011' } });
    expect(await chains()).toEqual([
      { target: { scope: 'all' }, label: 'all machines', settings: { signer: '2011' } },
      { target, label: 'MW-02000000000A', settings: { signer: '2023', windowSize: 16 } },
      { target: model, label: 'Acme  Box 3000', settings: { blockSize: 1024 } },
    ]);
    await ask('PUT', '/netboot/chains', { target, settings: {} });
    expect((await chains()).map(({ target: { scope } }) => scope)).toEqual(['all', 'model']);
    expect(await site.services.store.audit.list(10)).toContainEqual(
      expect.objectContaining({ action: 'netboot.chain' }),
    );
  });

  it('decide by device before model before all', async () => {
    const image = await addPackage('boot-image', 'Bench PE', [await keep('x', 'boot.wim')]);
    const put = (target: object, settings: object) =>
      ask('PUT', '/netboot/chains', { target, settings });
    await put({ scope: 'all' }, { signer: '2011', blockSize: 4096, bootImage: 'bench pe' });
    await put({ scope: 'model', model: 'ACME box 3000' }, { signer: '2023' });
    await put({ scope: 'device', device }, { windowSize: 8 });
    await site.services.store.settings.change({ unknownMachines: 'ask' });
    const snapshot = await wholeSnapshot(site.services.store, frame);
    expect(snapshot.unknown).toMatchObject({
      wish: {
        image: { kind: 'windows-pe', id: image },
        signer: '2011',
        tftp: { blockSize: 4096, windowSize: 4 },
        setFor: null,
      },
    });
    await site.services.store.devices.setState(device, { state: 'waiting' });
    const [first] = (await wholeSnapshot(site.services.store, frame)).devices;
    expect(first?.target.action).toMatchObject({
      wish: {
        image: { kind: 'windows-pe', id: image },
        signer: '2023',
        tftp: { blockSize: 4096, windowSize: 8 },
        setFor: 'the device "MW-02000000000A" and the model "Acme Box 3000"',
        architecture: 'x64',
      },
    });
  });

  it.each([
    { target: { scope: 'device', device: device.replace(/1$/, '2') }, code: 'device.not-found' },
    { settings: { bootImage: 'Nothing' }, code: 'netboot.no-boot-image' },
    { settings: { windowSize: 65 }, code: 'request.invalid' },
    { settings: { signer: '2012' }, code: 'request.invalid' },
  ])('are refused by name: $code', async ({ target = { scope: 'all' }, settings = {}, code }) => {
    const answer = await ask('PUT', '/netboot/chains', { target, settings });
    expect(answer.statusCode).toBeGreaterThanOrEqual(400);
    expect(answer.json().code).toBe(code);
  });
});

describe('M50 what boot managers have shown', () => {
  it('is kept by machine, shown, and forgotten', async () => {
    const { store } = site.services;
    const machine = '4c4c4544-0042-3510-8051-b4c04f4e4d31';
    const report = {
      machine,
      mac: null,
      image: 'MW100002',
      signer: '2011',
      outcome: 'refused',
    } as const;
    await store.bootChains.noteLoader(report, 1000);
    await store.bootChains.noteLoader(report, 2000);
    const signers = async () =>
      SignerView.array().parse((await ask('GET', '/netboot/signers')).json());
    expect(await signers()).toEqual([
      {
        machine,
        mac: null,
        device,
        deviceName: 'MW-02000000000A',
        signer: '2011',
        failures: 2,
        loaded: false,
        changedMs: 2000,
      },
    ]);
    const { windows } = await wholeSnapshot(store, frame);
    expect(windows.signers.get(machine)).toMatchObject({ signer: '2011', failures: 2 });
    expect((await ask('DELETE', `/netboot/signers/${device}`)).statusCode).toBe(204);
    expect(await signers()).toEqual([]);

    // A record that was imported has a MAC address only, until the machine registers.
    const other = { machine: machine.replace(/1$/, '2'), mac: '02:00:00:00:00:0a' };
    await store.bootChains.noteLoader({ ...report, ...other }, 3000);
    expect(await signers()).toMatchObject([{ ...other, device, failures: 1 }]);
    await ask('DELETE', `/netboot/signers/${device}`);
    expect(await signers()).toEqual([]);
  });
});

describe('M50 the files of the chain wimboot', () => {
  const program = (byte: number, machine = 0x8664) =>
    Buffer.concat([smallProgram({ machine, subsystem: 10 }), Buffer.from([byte])]);
  const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  const add = async (ipxe: Uint8Array, wimboot: Uint8Array, hashes: readonly string[]) => {
    const objects = [await keep(ipxe, 'ipxe.efi'), await keep(wimboot, 'wimboot')];
    const id = await addPackage('package', 'iPXE and wimboot', objects);
    return await ask('PUT', '/netboot/wimboot', { package: id, sha256: hashes });
  };

  it('are none at first', async () => {
    expect(WimbootView.parse((await ask('GET', '/netboot/wimboot')).json())).toBeNull();
  });

  it('are refused until somebody vouches for each by its hash', async () => {
    const [ipxe, wimboot] = [program(1), program(2)];
    const refused = await add(ipxe, wimboot, [sha256(ipxe)]);
    expect(refused.json()).toMatchObject({
      code: 'netboot.wimboot-hash',
      message: `wimboot has the SHA-256 ${sha256(wimboot)}, which is none of a known release`,
    });
    expect((await site.services.store.settings.get()).wimboot).toBeNull();
    const taken = await add(ipxe, wimboot, [sha256(ipxe), sha256(wimboot)]);
    expect(taken.json()).toMatchObject({ version: 2, ipxe: 'ipxe of the hash that was named' });
    expect((await site.services.store.settings.get()).wimboot).toMatch(/^MW1/);
    await ask('DELETE', '/netboot/wimboot');
    expect((await ask('GET', '/netboot/wimboot')).json()).toBeNull();
  });

  it.each([
    { what: 'another architecture', ipxe: program(1, 0xaa64) },
    { what: 'no program', ipxe: Buffer.from('#!ipxe\n') },
  ])('are refused for $what', async ({ ipxe }) => {
    const wimboot = program(2);
    const answer = await add(ipxe, wimboot, [sha256(ipxe), sha256(wimboot)]);
    expect(answer.json()).toMatchObject({ code: 'netboot.wimboot' });
  });

  it('are refused where the package has other files', async () => {
    const id = await addPackage('package', 'Office', [await keep('x', 'setup.exe')]);
    const answer = await ask('PUT', '/netboot/wimboot', { package: id });
    expect(answer.json()).toMatchObject({ code: 'netboot.wimboot' });
    const none = await ask('PUT', '/netboot/wimboot', { package: PackageId.parse('MW1FFFFF') });
    expect(none.json()).toMatchObject({ code: 'package.not-found' });
  });
});
