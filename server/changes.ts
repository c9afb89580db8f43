import type { Changes } from './http/services.ts';

/** Counts revisions and tells listeners of the newest one, once a turn of the event loop. */
export function createChanges(
  onBootChange: () => void,
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
  const note = (what: 'boot' | 'view') => {
    if (what === 'boot') onBootChange();
    if (revision++ === told) setImmediate(tell);
  };
  return {
    get revision() {
      return revision;
    },
    changed(what) {
      onOwnChange(what);
      note(what);
    },
    heard: note,
    listen(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
