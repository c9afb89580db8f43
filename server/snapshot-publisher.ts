import type { NetbootInterface, NetbootSnapshot, WindowsNetboot } from './netboot/snapshot.ts';
import type { Store } from './store/operations.ts';

/** Changes within this time make one snapshot. */
const DEBOUNCE_MS = 200;
/** Made anew this often whatever happens: end times pass, silent runs grow old. */
const REFRESH_MS = 60_000;

export interface SnapshotPublisher {
  /** Something that decides about boots has changed. */
  changed(): void;
  close(): void;
}

/**
 * Keeps the netboot worker's snapshot up to date, off the path of any request: the store's worker builds
 * it, at most one at a time.
 */
export function startSnapshotPublisher(settings: {
  readonly store: Pick<Store, 'policy'>;
  readonly publish: (snapshot: NetbootSnapshot) => Promise<void>;
  readonly interfaces: () => readonly NetbootInterface[];
  readonly bootImages: () => ReadonlySet<string>;
  /** Boot images of Windows PE as they are now; asked before each snapshot. */
  readonly windows?: () => Promise<Pick<WindowsNetboot, 'images' | 'wimboot'>>;
  readonly bootPort: number;
  /** Servers that answer beside this one; undefined where there can be only one. */
  readonly servers?: () => NetbootSnapshot['servers'];
  readonly nowMs: () => number;
  readonly onError: (error: unknown) => void;
}): SnapshotPublisher {
  let revision = 0;
  let closed = false;
  let building = false;
  let again = false;
  let timer: NodeJS.Timeout | undefined;

  const build = async () => {
    timer = undefined;
    if (building) {
      again = true;
      return;
    }
    building = true;
    try {
      const windows = await settings.windows?.();
      const servers = settings.servers?.();
      const snapshot = await settings.store.policy.snapshot({
        ...(windows === undefined ? {} : { windows }),
        ...(servers === undefined ? {} : { servers }),
        revision: ++revision,
        interfaces: settings.interfaces(),
        bootImages: settings.bootImages(),
        ports: { bootHttp: settings.bootPort },
        nowMs: settings.nowMs(),
      });
      if (!closed) await settings.publish(snapshot);
    } catch (error) {
      // The worker goes on with the last snapshot; the next change or minute tries again.
      if (!closed) settings.onError(error);
    } finally {
      building = false;
      if (again) {
        again = false;
        changed();
      }
    }
  };
  const changed = () => {
    if (!closed) timer ??= setTimeout(() => void build(), DEBOUNCE_MS);
  };
  const refresh = setInterval(changed, REFRESH_MS);
  refresh.unref();
  void build();
  return {
    changed,
    close() {
      closed = true;
      clearTimeout(timer);
      clearInterval(refresh);
    },
  };
}
