import type { DeviceId } from '#agent/protocol/identity.ts';
import type { Netboot } from './netboot/netboot.ts';
import type { NetbootInterface, NetbootSnapshot, WindowsNetboot } from './netboot/snapshot.ts';
import type { Store } from './store/operations.ts';

/** Changes within this time are published together. */
const DEBOUNCE_MS = 200;
/** All is made anew this often whatever happens: end times pass, silent runs grow old. */
const REFRESH_MS = 60_000;
/** A cable that is plugged in, an address that comes or changes: nobody tells of it. */
const INTERFACES_MS = 3000;
/** Between two times that all records are decided, so many times as long as the last one took. */
const PAUSE_FACTOR = 2;

export interface SnapshotPublisher {
  /**
   * Something that decides about boots has changed: of these devices, or of any. With none, what holds for no
   * device.
   */
  changed(devices?: readonly DeviceId[]): void;
  close(): void;
}

/**
 * Keeps what the netboot worker decides by up to date, off the path of any request. The store's worker
 * decides the records a slice at a time, so that it answers others in between; single devices go ahead of
 * that. Until a table is whole the worker goes on with the one before.
 */
export function startSnapshotPublisher(settings: {
  readonly store: Pick<Store, 'netboot'>;
  readonly netboot: Pick<Netboot, 'publishDevices' | 'publish'>;
  readonly interfaces: () => readonly NetbootInterface[];
  readonly bootImages: () => ReadonlySet<string>;
  /** Boot images of Windows PE as they are now; asked before each snapshot. */
  readonly windows?: () => Promise<Pick<WindowsNetboot, 'images' | 'wimboot'>>;
  readonly bootPort: number;
  /** Servers that answer beside this one; undefined where there can be only one. */
  readonly servers?: () => NetbootSnapshot['servers'];
  /** Name of this server; empty where there can be only one. */
  readonly serverName?: string;
  readonly nowMs: () => number;
  readonly onError: (error: unknown) => void;
}): SnapshotPublisher {
  const { store, netboot, nowMs } = settings;
  const stop = new AbortController();
  const { signal } = stop;
  const waiting = { all: true, frame: false, devices: new Set<DeviceId>() };
  let revision = 0;
  let mayTakeAllMs = 0;
  let building = false;
  let timer: NodeJS.Timeout | undefined;
  let dueMs = 0;

  const readFrame = async () => {
    const windows = await settings.windows?.();
    const servers = settings.servers?.();
    return await store.netboot.frame({
      ...(windows === undefined ? {} : { windows }),
      ...(servers === undefined ? {} : { servers }),
      revision: ++revision,
      interfaces: settings.interfaces(),
      server: settings.serverName ?? '',
      bootImages: settings.bootImages(),
      ports: { bootHttp: settings.bootPort },
      nowMs: nowMs(),
    });
  };
  const takeSome = async () => {
    if (waiting.devices.size === 0) return;
    const ids = [...waiting.devices];
    waiting.devices.clear();
    const some = await store.netboot.some(ids, nowMs());
    if (!signal.aborted) netboot.publishDevices({ to: 'now', ...some });
  };
  const takeFrame = async () => {
    if (!waiting.frame) return;
    waiting.frame = false;
    const frame = await readFrame();
    if (!signal.aborted) await netboot.publish(frame, { whole: false });
  };
  const takeAll = async () => {
    const from = performance.now();
    waiting.all = false;
    waiting.frame = false;
    const frame = await readFrame();
    for (let after: string | null = ''; after !== null; ) {
      const slice = await store.netboot.slice({ after, nowMs: nowMs() });
      if (signal.aborted) return;
      const to = after === '' ? 'first' : 'next';
      netboot.publishDevices({ to, devices: slice.devices, gone: [] });
      ({ after } = slice);
      await takeSome();
    }
    if (!signal.aborted) await netboot.publish(frame, { whole: true });
    const now = performance.now();
    mayTakeAllMs = now + PAUSE_FACTOR * (now - from);
  };
  const build = async () => {
    timer = undefined;
    building = true;
    try {
      await takeSome();
      if (waiting.all && performance.now() >= mayTakeAllMs) await takeAll();
      else await takeFrame();
    } catch (error) {
      // The worker goes on with what it has; the next change or minute tries again.
      if (!signal.aborted) settings.onError(error);
    } finally {
      building = false;
      if (waiting.all || waiting.frame || waiting.devices.size > 0) schedule();
    }
  };
  const schedule = () => {
    if (signal.aborted || building) return;
    const isUrgent = waiting.frame || waiting.devices.size > 0;
    const now = performance.now();
    const atMs = Math.max(now + DEBOUNCE_MS, isUrgent ? 0 : mayTakeAllMs);
    if (timer !== undefined && atMs >= dueMs) return;
    clearTimeout(timer);
    dueMs = atMs;
    timer = setTimeout(() => void build(), atMs - now);
  };
  const changed = (devices?: readonly DeviceId[]) => {
    if (devices === undefined) waiting.all = true;
    else if (devices.length === 0) waiting.frame = true;
    else for (const id of devices) waiting.devices.add(id);
    schedule();
  };
  const refresh = setInterval(changed, REFRESH_MS);
  refresh.unref();
  const seen = () => JSON.stringify(settings.interfaces());
  let interfaces = seen();
  const look = setInterval(() => {
    const now = seen();
    if (now === interfaces) return;
    interfaces = now;
    changed([]);
  }, INTERFACES_MS);
  look.unref();
  void build();
  return {
    changed,
    close() {
      stop.abort();
      clearTimeout(timer);
      clearInterval(refresh);
      clearInterval(look);
    },
  };
}
