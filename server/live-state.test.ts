import { expect, it } from 'vitest';
import { createLiveState } from './live-state.ts';
import type { NetbootReport } from './netboot/snapshot.ts';

function failed(code: string, subject?: string): NetbootReport {
  const once = { kind: 'socket-error', atMs: 1000, code, reason: 'It does not work.' } as const;
  return subject === undefined ? once : { ...once, subject };
}

it('shows a socket in trouble until it is open, each of an interface by itself', () => {
  const live = createLiveState(() => 1000);
  live.noteReport(failed('netboot.port-in-use', 'eth0 TFTP'));
  live.noteReport(failed('netboot.port-in-use', 'eth1 TFTP'));
  expect(live.listeners()).toHaveLength(2);
  const address = '10.0.5.1:69';
  live.noteReport({ kind: 'socket-state', atMs: 2, subject: 'eth0 TFTP', state: 'open', address });
  expect(live.listeners()).toEqual([
    { purpose: 'network boot', address, ok: true, detail: 'eth0 TFTP' },
    {
      purpose: 'network boot',
      address: 'netboot.port-in-use',
      ok: false,
      detail: 'It does not work.',
    },
  ]);
  live.noteReport({ kind: 'socket-state', atMs: 2, subject: 'eth1 TFTP', state: 'gone', address });
  expect(live.listeners()).toHaveLength(1);
});

it('shows what failed once for ten minutes', () => {
  let nowMs = 1000;
  const live = createLiveState(() => nowMs);
  live.noteReport(failed('netboot.send'));
  nowMs += 599_999;
  expect(live.listeners()).toMatchObject([{ address: 'netboot.send', ok: false }]);
  nowMs += 1;
  expect(live.listeners()).toEqual([]);
});

it('keeps the newest 500 decisions, the newest first', () => {
  const live = createLiveState(() => 1000);
  for (let atMs = 0; atMs < 1700; atMs += 1)
    live.noteReport({
      kind: 'decision',
      atMs,
      interfaceName: 'eth1',
      mac: atMs % 2 === 0 ? '52:54:00:00:00:02' : '52:54:00:00:00:01',
      guid: null,
      architecture: 'uefi-x64',
      outcome: 'silent',
      reason: 'Nothing is deployed to it.',
      boot: null,
    });
  const all = live.decisions().map(({ atMs }) => atMs);
  expect(all).toEqual(Array.from({ length: 500 }, (_, index) => 1699 - index));
  expect(live.lastDecision(['52:54:00:00:00:02'], null)).toMatchObject({ atMs: 1698 });
  expect(live.lastDecision(['52:54:00:00:00:03'], null)).toBeNull();
});
