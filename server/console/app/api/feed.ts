import type { BootDecisionView, DeviceView, FeedSnapshot, RunView } from '../../../http/api.ts';
import { createStore, useStore } from './store.ts';

/** What moves: the newest snapshot of GET /feed, its rows the same objects as before where nothing changed. */
export interface Feed {
  readonly devices: readonly DeviceView[];
  readonly runs: readonly RunView[];
  readonly decisions: readonly BootDecisionView[];
}

export type FeedStatus = 'connecting' | 'live' | 'lost';

const feed = createStore<Feed | null>(null);
const status = createStore<FeedStatus>('connecting');
let source: EventSource | null = null;

/** Opens the stream; `refused` is called when the server refuses it, as when the session has ended. */
export function openFeed(refused: () => void): void {
  closeFeed();
  status.set('connecting');
  const opened = new EventSource('/api/v1/feed');
  source = opened;
  opened.addEventListener('open', () => status.set('live'));
  opened.addEventListener('message', (event: MessageEvent<string>) => {
    const { devices, runs, decisions } = JSON.parse(event.data) as FeedSnapshot;
    const before = feed.get();
    feed.set({
      devices: keepSame(before?.devices, devices, (one) => one.id),
      runs: keepSame(before?.runs, runs, (one) => one.id),
      decisions: keepSame(before?.decisions, decisions, (one) => `${one.atMs} ${one.mac}`),
    });
  });
  opened.addEventListener('error', () => {
    status.set('lost');
    // The browser gives up by itself only when it was refused, not when the server is away.
    if (opened.readyState === EventSource.CLOSED && source === opened) setTimeout(refused, 2000);
  });
}

/** Closes the stream and forgets what came of it: the next person sees what he may see. */
export function closeFeed(): void {
  source?.close();
  source = null;
  feed.set(null);
}

/** The newest snapshot; null before the first. */
export function useFeed(): Feed | null {
  return useStore(feed);
}

/** Whether what is shown is what is. */
export function useFeedStatus(): FeedStatus {
  return useStore(status);
}

/**
 * Takes the objects of before for rows that are the same, and the list itself if all are: a row that is the same
 * object is not drawn again.
 */
function keepSame<Row extends object>(
  before: readonly Row[] | undefined,
  next: readonly Row[],
  key: (row: Row) => string,
): readonly Row[] {
  if (before === undefined) return next;
  const known = new Map(before.map((row) => [key(row), row]));
  let isSame = before.length === next.length;
  const kept = next.map((row, index) => {
    const old = known.get(key(row));
    const same = old !== undefined && isEqual(old, row) ? old : row;
    if (same !== before[index]) isSame = false;
    return same;
  });
  return isSame ? before : kept;
}

/** Whether two values of JSON are alike. */
function isEqual(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null)
    return false;
  const entries = Object.entries(one);
  return (
    entries.length === Object.keys(other).length &&
    entries.every(([name, value]) => isEqual(value, Reflect.get(other, name)))
  );
}
