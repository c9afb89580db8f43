import { isBootProbe } from '#boot/boot-probes.ts';
import { isNbp } from '#boot/nbp.ts';
import type { WindowsBoot } from '#boot/windows-tree.ts';
import type { Answer } from '../dhcp/proxy.ts';
import type { BootFiles } from '../tftp/boot-files.ts';
import type { FoundFile, TransferReport } from '../tftp/socket.ts';
import { networkBcd } from './network-bcd.ts';
import type { BootFile, NetbootSnapshot } from './snapshot.ts';
import { type LoaderReport, machineKey, WindowsClients } from './windows-clients.ts';
import { resolveWindowsFile, type WindowsFile } from './windows-files.ts';

/** What TFTP has for one machine: what everybody gets, and what is its own. */
export interface MachineFiles {
  readonly find: (name: string, client: string) => FoundFile;
  /** What DHCP has sent a client to. */
  readonly noteSent: (client: string, answer: Pick<Answer, 'client' | 'choice'>) => void;
  /** What came of a transfer. */
  readonly noteTransfer: (report: TransferReport) => LoaderReport | undefined;
  /** To be called every few seconds: boot managers that nothing was heard of. */
  readonly silent: () => LoaderReport[];
}

/** Boot configuration data for a few images, in the sizes that machines want. */
const MOST_STORES = 64;

/** Finds files by name and client: the map of files first, then the trees of Windows PE. */
export function makeMachineFiles(settings: {
  readonly files: () => BootFiles;
  readonly snapshot: () => NetbootSnapshot;
  readonly now: () => number;
}): MachineFiles {
  const { files, snapshot, now } = settings;
  const clients = new WindowsClients();
  const stores = new Map<string, BootFile>();

  const imageOf = (id: string) => snapshot().windows.images.find((image) => image.id === id);

  const resolve = (name: string, client: string): WindowsFile =>
    resolveWindowsFile(name, clients.bootOf(client, now()), (id) => imageOf(id)?.facts);

  const storeOf = (boot: WindowsBoot): BootFile | undefined => {
    const image = imageOf(boot.image);
    if (image === undefined) return undefined;
    const { blockSize, windowSize } = boot.tftp;
    const key = `${boot.image} ${image.version} ${boot.firmware} ${blockSize} ${windowSize}`;
    const known = stores.get(key);
    if (known !== undefined) return known;
    const made: BootFile = { kind: 'bytes', bytes: networkBcd(boot, image) };
    if (stores.size >= MOST_STORES) stores.clear();
    stores.set(key, made);
    return made;
  };

  const found = (name: string, file: BootFile | undefined): FoundFile =>
    file === undefined
      ? { kind: 'absent', expected: isBootProbe(name) }
      : { kind: 'file', name, file };

  return {
    find(name, client) {
      const plain = files().find(name);
      const windows = resolve(name, client);
      switch (windows.kind) {
        case 'file':
          if (windows.starts !== null) clients.fetches(client, windows.starts, now());
          else clients.asks(client, now());
          return found(name, files().find(windows.name));
        case 'bcd':
          clients.asks(client, now());
          return found(name, storeOf(windows.boot));
        case 'none':
          if (plain !== undefined && isNbp(name)) clients.forget(client);
          else clients.asks(client, now());
          return found(name, plain);
      }
    },
    noteSent(client, { client: machine, choice }) {
      const key = machineKey(machine);
      const remembered = key === null ? null : { machine: key, mac: machine.mac };
      if (choice.boot === null) clients.forget(client);
      else clients.sent(client, choice.boot, remembered, now());
    },
    noteTransfer({ client, file, outcome }) {
      if (outcome !== 'finished') return undefined;
      const windows = resolve(file, client);
      if (windows.kind !== 'file') return undefined;
      if (windows.starts !== null) clients.hasLoader(client, now());
      return windows.isImage ? clients.hasImage(client, now()) : undefined;
    },
    silent: () => clients.silent(now()),
  };
}
