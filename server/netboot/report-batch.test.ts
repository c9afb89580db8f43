import { expect, it, vi } from 'vitest';
import { makeReportBatch } from './report-batch.ts';
import type { NetbootReport } from './snapshot.ts';

const reportOf = (atMs: number): NetbootReport => ({
  kind: 'socket-state',
  atMs,
  subject: 'eth1 TFTP',
  state: 'open',
  address: '10.0.5.1:69',
});

it('sends what has gathered, in its order, a moment after the first', async () => {
  const sent: number[][] = [];
  const batch = makeReportBatch((some) => void sent.push(some.map(({ atMs }) => atMs)));
  for (const atMs of [1, 2, 3]) batch.add(reportOf(atMs));
  expect(sent).toEqual([]);
  await vi.waitFor(() => expect(sent).toEqual([[1, 2, 3]]));
});

it('sends two hundred at once, and what is left when it is told to', () => {
  const sent: number[] = [];
  const batch = makeReportBatch((some) => void sent.push(some.length));
  for (let atMs = 0; atMs < 450; atMs += 1) batch.add(reportOf(atMs));
  expect(sent).toEqual([200, 200]);
  batch.flush();
  batch.flush();
  expect(sent).toEqual([200, 200, 50]);
});
