import type { MachineArchitecture } from '#agent/protocol/identity.ts';
import type { VolumeId } from '#agent/sequence/platform.ts';
import { StepError } from '#agent/sequence/step.ts';
import type {
  HardwareDevice,
  OfflineHive,
  OfflineWindowsFacts,
  RegistryEdit,
  WindowsCapability,
} from '#agent/sequence/windows-capability.ts';
import type { Storage, WindowsContent } from './storage.ts';

/** What a simulated Windows is like where nobody says otherwise. */
const plainFacts: Omit<OfflineWindowsFacts, 'architecture'> = {
  version: '10.0.26100.1742',
  edition: 'Professional',
  productType: 'client',
  language: 'en-US',
  imageState: 'IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE',
};
const nothing: WindowsContent = { files: new Map(), edits: [], agent: null, drivers: [] };
const ALIKE = /[\\/]+/g;

/** How a path is found: names of files in Windows have no case. */
export function pathKey(path: string): string {
  return path.replaceAll(ALIKE, '\\').toLowerCase();
}

/**
 * The Windows on the volumes of a simulated machine: its small files, what was changed in its registry, whether
 * the agent is in it. All of it is on the disk at once, as the capability promises, and gone with a new image.
 */
export function simulatedWindows(parts: {
  readonly storage: Storage;
  readonly tick: () => void;
  readonly architecture: MachineArchitecture;
  readonly devices: readonly HardwareDevice[];
  readonly facts: Partial<OfflineWindowsFacts>;
  /** Whether drivers get into the store of a Windows that does not run: else they are staged. */
  readonly hasDism: boolean;
}): WindowsCapability {
  const { storage, tick, architecture, devices, facts, hasDism } = parts;
  const contentOf = (volume: VolumeId): WindowsContent => {
    const { image, windows } = storage.read(volume);
    if (image?.complete !== true)
      throw new StepError('windows.none', `There is no Windows on ${volume}`);
    return windows ?? nothing;
  };
  const change = (volume: VolumeId, to: Partial<WindowsContent>): void => {
    storage.write(volume, { windows: { ...contentOf(volume), ...to } });
    storage.flush(volume);
  };
  return {
    facts: async (volume) => {
      tick();
      contentOf(volume);
      return { architecture, ...plainFacts, ...facts };
    },
    files: {
      read: async ({ volume, path }) => {
        tick();
        return contentOf(volume).files.get(pathKey(path)) ?? null;
      },
      change: async ({ volume, changes }) => {
        for (const each of changes) {
          tick();
          const files = new Map(contentOf(volume).files);
          if (each.kind === 'write') files.set(pathKey(each.path), each.bytes);
          else if (each.kind === 'remove') {
            const key = pathKey(each.path);
            for (const path of files.keys())
              if (path === key || path.startsWith(`${key}\\`)) files.delete(path);
          } else {
            const moved = files.get(pathKey(each.from));
            if (moved === undefined) continue;
            files.delete(pathKey(each.from));
            files.set(pathKey(each.to), moved);
          }
          change(volume, { files });
        }
      },
    },
    newPassword: () => 'Simulated-1-password',
    editRegistry: async ({ volume, hive, edits }) => {
      tick();
      const added = edits.map((edit) => ({ hive, edit }));
      change(volume, { edits: [...contentOf(volume).edits, ...added] });
    },
    async *addDrivers({ volume, folder }) {
      tick();
      const { drivers } = contentOf(volume);
      change(volume, { drivers: [...drivers, folder] });
      yield { detail: folder };
      if (hasDism) return { kind: 'in-store', added: 1, refused: [] };
      const at = `\\Windows\\Metalwright\\Drivers\\${drivers.length + 1}`;
      return { kind: 'staged', folder: at, infs: 1 };
    },
    devices: async () => {
      tick();
      return devices;
    },
    installAgent: async ({ volume, architecture: wanted }) => {
      tick();
      change(volume, { agent: wanted });
    },
  };
}

/** What a hive of a simulated Windows says after all that was changed; undefined where nothing was said. */
export function simulatedValue(
  { edits }: WindowsContent,
  at: { readonly hive: OfflineHive; readonly key: string; readonly name: string },
): (RegistryEdit & { readonly kind: 'set' })['value'] | undefined {
  const isAt = (key: string): boolean => key.toLowerCase() === at.key.toLowerCase();
  let value: (RegistryEdit & { readonly kind: 'set' })['value'] | undefined;
  for (const { hive, edit } of edits) {
    if (hive !== at.hive) continue;
    if (edit.kind === 'delete-key') {
      if (at.key.toLowerCase().startsWith(edit.key.toLowerCase())) value = undefined;
    } else if (isAt(edit.key) && edit.name === at.name)
      value = edit.kind === 'set' ? edit.value : undefined;
  }
  return value;
}
