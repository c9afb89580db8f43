import { Readable } from 'node:stream';
import type { DeviceId } from '#agent/protocol/identity.ts';
import {
  addDevice,
  addFacts,
  addLog,
  finished,
  runFinished,
  runStarted,
  started,
  startRun,
} from '../../http/routes/operator/test-bench.ts';
import type { TestConsole } from '../../http/routes/operator/test-console.ts';

const MINUTE_MS = 60_000;
const models = ['OptiPlex 7010', 'Latitude 5540', 'OptiPlex 7010', 'Precision 3660'];
const tooSmall = {
  code: 'disk.too-small',
  message: 'Disk 0 (KINGSTON SA400) has 120 GB; the partitions need 250 GB',
  hint: 'put in a bigger disk, or make the partitions of this sequence smaller',
};

/** What of a sample site a picture is taken of. */
export interface SampleSite {
  readonly device: DeviceId;
  readonly failedRun: string;
  readonly collection: string;
  readonly deployment: string;
}

/** Puts a bench into a test console as one sees it on a working day: made up, of machines that are nowhere. */
export async function fillSampleSite(site: TestConsole): Promise<SampleSite> {
  const { store, content, changes } = site.services;
  await store.settings.change({ answerOn: ['bench0'] });
  for (const [name, kind] of [
    ['Windows 11 24H2', 'os-image'],
    ['Debian 12', 'os-image'],
    ['Office', 'package'],
  ] as const) {
    const objects = [await content.ingest(Readable.from([Buffer.from(name.repeat(999))]), 'file')];
    await store.packages.add({ name, kind, objects, images: [] }, Date.now());
  }
  const devices = [];
  for (let number = 11; number <= 30; number += 1)
    devices.push(
      await addDevice(site, number, {
        name: number > 27 ? `MW-B07B250000${number}` : `BENCH-${number}`,
        state: number > 27 ? 'waiting' : 'known',
        model: models[number % models.length] ?? null,
        createdMs: Date.now() - (40 - number) * MINUTE_MS,
        lastSeenMs: Date.now() - (30 - number) * MINUTE_MS,
        seenAt: {
          atMs: Date.now(),
          address: `10.0.5.${number}`,
          interfaceName: 'bench0',
          relay: null,
          switchId: 'sw-3',
          port: `eth1/${number - 10}`,
        },
      }),
    );
  const running = devices.slice(0, 9);
  for (const [index, device] of running.entries()) {
    const run = await startRun(site, device);
    await addFacts(site, run, [
      runStarted,
      started('0', 'Format and Partition Disk'),
      finished('0', 'Format and Partition Disk'),
      started('1', 'Apply Operating System Image'),
    ]);
    site.facts.progress.set(run, {
      stepId: null,
      index: 2,
      total: 9,
      title: 'Apply Operating System Image',
      detail: 'Windows 11 24H2',
      doneBytes: index * 5e8,
      totalBytes: 45e8,
      bytesPerSecond: 1.05e8 + index * 3e6,
      remainingMs: (9 - index) * 6000,
    });
  }
  for (const device of devices.slice(9, 13)) {
    const run = await startRun(site, device);
    await addFacts(site, run, [
      runStarted,
      started('0', 'Restart'),
      finished('0', 'Restart'),
      runFinished(),
    ]);
  }
  const [failedDevice] = devices.slice(13, 14);
  const [first] = devices;
  if (failedDevice === undefined || first === undefined) throw new Error('there are no devices');
  const failedRun = await startRun(site, failedDevice);
  await addFacts(site, failedRun, [
    runStarted,
    started('0', 'Format and Partition Disk'),
    finished('0', 'Format and Partition Disk', tooSmall),
    runFinished(tooSmall),
  ]);
  await addLog(site, failedRun, 'Found disk 0: KINGSTON SA400, serial 50026B7, 120 GB');
  await addLog(site, failedRun, tooSmall.message, 3);
  site.facts.decisions.push({
    kind: 'decision',
    atMs: Date.now(),
    interfaceName: 'bench0',
    mac: 'a4:bb:6d:10:22:07',
    guid: null,
    architecture: 'uefi-arm64',
    outcome: 'silent',
    reason: 'ignored: no deployment for ARM64',
    boot: null,
  });
  const room = await store.collections.create({ name: 'Room 5' }, Date.now());
  await store.collections.changeMembers(room.id, { add: devices.map(({ id }) => id), remove: [] });
  const [deployment] = await store.deployments.list();
  if (deployment === undefined) throw new Error('there is no deployment');
  changes.changed('view');
  return { device: first.id, failedRun, collection: room.id, deployment: deployment.id };
}
