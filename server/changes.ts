import type { DeviceId } from '#agent/protocol/identity.ts';
import type { Changes } from './http/services.ts';

/** Counts revisions and tells listeners of the newest one, once a turn of the event loop. */
export function createChanges(
  onBootChange: (devices?: readonly DeviceId[]) => void,
  onOwnChange: (what: 'boot' | 'view') => void = () => {},
): Changes & {
  /** Another server has changed something. */
  heard(what: 'boot' | 'view'): void;
} {
  const listeners = new Set<(revision: number) => void>();
  let revision = 0;
  let told = 0;
  const tell = () => {
    told = revision;
    for (const listener of listeners) listener(revision);
  };
  const note = (what: 'boot' | 'view', devices?: readonly DeviceId[]) => {
    if (what === 'boot') onBootChange(devices);
    if (revision++ === told) setImmediate(tell);
  };
  return {
    get revision() {
      return revision;
    },
    changed(what, devices) {
      onOwnChange(what);
      note(what, devices);
    },
    heard: (what) => note(what),
    listen(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
