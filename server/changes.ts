import type { DeviceId } from '#agent/protocol/identity.ts';
import type { Changes } from './http/services.ts';

/** What has changed for machines: what these are, or what any may be offered. */
export type BootChange =
  | { readonly kind: 'devices'; readonly devices: readonly DeviceId[] | undefined }
  | { readonly kind: 'offers' };

/** Counts revisions and tells listeners of the newest one, once a turn of the event loop. */
export function createChanges(
  onBootChange: (change: BootChange) => void,
  onOwnChange: (what: 'boot' | 'view') => void = () => {},
): Changes & {
  /** Another server has changed something. */
  heard(what: 'boot' | 'view'): void;
  /** Collections have other members: machines may be offered something else, and are who they were. */
  offersChanged(): void;
} {
  const listeners = new Set<(revision: number) => void>();
  let revision = 0;
  let told = 0;
  const tell = () => {
    told = revision;
    for (const listener of listeners) listener(revision);
  };
  const note = (change?: BootChange) => {
    if (change !== undefined) onBootChange(change);
    if (revision++ === told) setImmediate(tell);
  };
  const noteOf = (what: 'boot' | 'view', devices?: readonly DeviceId[]) =>
    note(what === 'boot' ? { kind: 'devices', devices } : undefined);
  return {
    get revision() {
      return revision;
    },
    changed(what, devices) {
      onOwnChange(what);
      noteOf(what, devices);
    },
    offersChanged() {
      onOwnChange('boot');
      note({ kind: 'offers' });
    },
    heard: (what) => noteOf(what),
    listen(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
