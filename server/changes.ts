import type { Changes } from './http/services.ts';

/** Counts revisions and tells listeners of the newest one, once a turn of the event loop. */
export function createChanges(onBootChange: () => void): Changes {
  const listeners = new Set<(revision: number) => void>();
  let revision = 0;
  let told = 0;
  const tell = () => {
    told = revision;
    for (const listener of listeners) listener(revision);
  };
  return {
    get revision() {
      return revision;
    },
    changed(what) {
      if (what === 'boot') onBootChange();
      if (revision++ === told) setImmediate(tell);
    },
    listen(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
