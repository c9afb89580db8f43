import type { BootDecisionView, DeviceView, RunView } from '../../../../http/api.ts';
import type { Tone } from '../../parts/pill.tsx';
import { isOpen } from '../runs/run-state.ts';

/** How a machine on the bench stands, those first that somebody has to look at. */
export const tileStates = [
  'waiting',
  'failed',
  'lost',
  'deploying',
  'silent',
  'approved',
  'done',
  'known',
  'ignored',
] as const;
export type TileState = (typeof tileStates)[number];

export const tileTones: Readonly<Record<TileState, Tone>> = {
  waiting: 'warn',
  failed: 'bad',
  lost: 'bad',
  deploying: 'busy',
  silent: 'warn',
  approved: 'good',
  done: 'good',
  known: 'calm',
  ignored: 'calm',
};

/** A machine on the bench: one with a record, or one that was heard and has none. */
export interface Tile {
  readonly key: string;
  readonly state: TileState;
  readonly device: DeviceView | null;
  /** Its newest run. */
  readonly run: RunView | null;
  /** What its last network boot was answered, of one without a record. */
  readonly decision: BootDecisionView | null;
}

/** Filters of the bench. */
export const tileFilters = ['all', 'attention', 'running', 'done'] as const;
export type TileFilter = (typeof tileFilters)[number];
const filtered: Readonly<Record<TileFilter, readonly TileState[]>> = {
  all: tileStates,
  attention: ['waiting', 'failed', 'lost', 'silent'],
  running: ['deploying'],
  done: ['done'],
};

/** Whether a filter shows machines that stand so. */
export function isShown(filter: TileFilter, state: TileState): boolean {
  return filtered[filter].includes(state);
}

/** Every machine that the feed tells of, with its newest run; after them those that were heard and have no record. */
export function tilesOf(feed: {
  readonly devices: readonly DeviceView[];
  readonly runs: readonly RunView[];
  readonly decisions: readonly BootDecisionView[];
}): Tile[] {
  const newest = new Map<string, RunView>();
  for (const run of feed.runs) {
    const before = newest.get(run.deviceId);
    if (before === undefined || run.startedMs >= before.startedMs) newest.set(run.deviceId, run);
  }
  const macs = new Set(feed.devices.flatMap(({ macAddresses }) => macAddresses.map(String)));
  const unknown = new Map<string, BootDecisionView>();
  for (const decision of feed.decisions)
    if (!macs.has(decision.mac) && !unknown.has(decision.mac)) unknown.set(decision.mac, decision);
  return [
    ...feed.devices.map((device) => {
      const run = newest.get(device.id) ?? null;
      return { key: device.id, state: stateOf(device, run), device, run, decision: null };
    }),
    ...[...unknown.values()].map((decision) => ({
      key: decision.mac,
      state: decision.outcome === 'silent' ? ('silent' as const) : ('known' as const),
      device: null,
      run: null,
      decision,
    })),
  ];
}

/** Whether the machine showed itself since then, or has something open. */
export function isRecent({ state, device, run, decision }: Tile, sinceMs: number): boolean {
  if (state === 'waiting' || state === 'deploying' || state === 'lost') return true;
  const lastMs = Math.max(device?.lastSeenMs ?? 0, run?.lastEventMs ?? 0, decision?.atMs ?? 0);
  return lastMs >= sinceMs;
}

function stateOf(device: DeviceView, run: RunView | null): TileState {
  if (device.state === 'waiting' || device.state === 'ignored') return device.state;
  if (run !== null) {
    if (run.lostInWindowsSetup !== null) return 'lost';
    if (isOpen(run)) return 'deploying';
    if (run.state !== 'succeeded') return 'failed';
    return 'done';
  }
  if (device.lastBootDecision?.startsWith('silent') === true) return 'silent';
  return device.state;
}
