import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { DRIVER_INDEX } from '#agent/drivers/driver-index.ts';
import { ContentObject } from '#agent/protocol/content.ts';
import { HardwareInventory } from '#agent/protocol/hardware-inventory.ts';
import { sendFacts, startRun, type TestSite } from './test-machines.ts';
import { withTestSite } from './testing/with-test-site.ts';

let site: TestSite;
withTestSite((opened) => {
  site = opened;
});

const object = (path: string, digit: string) =>
  ContentObject.parse({ path, sizeBytes: 1, sha256: digit.repeat(64), chunks: [digit.repeat(64)] });
const addDrivers = (name: string, digit: string) =>
  site.app.store.packages.add(
    {
      name,
      kind: 'driver-package',
      objects: [object(DRIVER_INDEX, digit), object('net/card.inf', 'f')],
      images: [],
    },
    site.clock.nowMs,
  );
const choose = { step: 'Drivers', type: 'auto-apply-drivers' };

describe('M02 a grant of a sequence that chooses drivers', () => {
  it('has all driver packages by their index alone, the newest of each', async () => {
    await addDrivers('Dell', 'a');
    const dell = await addDrivers('Dell', 'b');
    const hp = await addDrivers('HP', 'c');
    const sequence = await site.store({
      name: 'Choose',
      steps: [
        choose,
        { step: 'HP', type: 'apply-driver-package', params: { package: { name: 'HP' } } },
      ],
    });
    const machine = await site.machine();
    const grant = await startRun(machine, await site.deploy(sequence, [machine]));
    expect([...(grant.driverPackages ?? [])].sort()).toEqual([dell.id, hp.id].sort());
    const paths = Object.values(grant.content).map((one) =>
      one.kind === 'found' ? [one.manifest.name, one.manifest.objects.map(({ path }) => path)] : [],
    );
    expect(Object.fromEntries(paths)).toEqual({
      Dell: [DRIVER_INDEX],
      HP: [DRIVER_INDEX, 'net/card.inf'],
    });
    const first = grant.content[dell.id];
    expect(first?.kind === 'found' && first.manifest.objects[0]?.sha256).toBe('b'.repeat(64));
  });

  it('has no driver pack of another model, where its steps want those of the model alone', async () => {
    const machine = await site.machine();
    const unknown = Object.fromEntries(
      Object.keys(HardwareInventory.shape).map((name) => [name, null]),
    );
    const inventory = HardwareInventory.parse({
      ...unknown,
      disks: [],
      networkAdapters: [],
      systemSku: '0C45',
    });
    const { deviceInventories, driverCatalog, packages } = site.app.store;
    await deviceInventories.keep(machine.device, {
      inventory: { hardware: inventory, secureBoot: true, memoryBytes: 1 },
      nowMs: site.clock.nowMs,
    });
    const addPack = async (name: string, systemSku: string) => {
      const { id } = await addDrivers(name, 'd');
      const [unread] = (await driverCatalog.unread()).filter(({ packageId }) => packageId === id);
      const index = { format: 1, categories: [], pack: { systemSkus: [systemSku] }, drivers: [] };
      if (unread) await driverCatalog.keep(unread, Buffer.from(JSON.stringify(index)));
      return id;
    };
    const own = await addPack('Own pack', '0C45');
    const other = await addPack('Other pack', '0D01');
    const granted = async (...steps: readonly object[]) => {
      const sequence = await site.store({ name: randomUUID(), steps });
      const grant = await startRun(machine, await site.deploy(sequence, [machine], 'available'));
      await sendFacts(machine, grant.runId, [
        { kind: 'run-finished', succeeded: true, code: 0, next: 'disk' },
      ]);
      return grant.driverPackages ?? [];
    };
    expect((await packages.list('driver-package')).length).toBeGreaterThan(2);
    const ofModel = { step: 'Own', type: 'apply-driver-package', params: { ofModel: true } };
    const limited = await granted(ofModel);
    expect(limited).toContain(own);
    expect(limited).not.toContain(other);
    expect(await granted(ofModel, choose)).toContain(other);
  });

  it('has none where the step is off, or its group', async () => {
    const sequence = await site.store({
      name: 'Off',
      steps: [
        { ...choose, disabled: true },
        { group: 'Off', disabled: true, steps: [choose] },
        { step: 'Set', type: 'set-variable', params: { name: 'A', value: '1' } },
      ],
    });
    const machine = await site.machine();
    const grant = await startRun(machine, await site.deploy(sequence, [machine]));
    expect(grant.driverPackages).toBeUndefined();
    expect(grant.content).toEqual({});
  });
});
