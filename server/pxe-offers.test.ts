import { expect, it } from 'vitest';
import type { NetbootReport } from './netboot/snapshot.ts';
import { noteOffers } from './pxe-offers.ts';

it('keeps the time of the last offer once a minute, and nothing of other answers', () => {
  const noted: number[] = [];
  const deployments = {
    noteOffer: async ({ atMs }: { atMs: number }) => void noted.push(atMs),
  };
  const note = noteOffers({ deployments }, () => {});
  const report = (atMs: number, more: object = {}): NetbootReport => ({
    kind: 'decision',
    atMs,
    interfaceName: 'eth1',
    mac: '02:00:00:00:00:01',
    guid: null,
    architecture: 'x64 UEFI',
    outcome: 'answered',
    reason: '',
    boot: null,
    ...more,
  });
  const offer = { deviceId: '00000000-0000-4000-8000-000000000001', deploymentId: 'MW120001' };
  note(report(1000));
  note(report(2000, { offer }));
  note(report(3000, { offer }));
  note(report(61_999, { offer }));
  note(report(62_000, { offer }));
  note(report(62_001, { offer: { ...offer, deploymentId: 'MW120002' } }));
  expect(noted).toEqual([2000, 62_000, 62_001]);
});
