import type { JournalPlaces } from '../journal/places.ts';
import type { MachineIdentity } from '../protocol/identity.ts';
import type { Platform } from '../sequence/platform.ts';
import type { ContentShares } from '../transport/share-chunks.ts';

/** A machine as the agent finds it: who it is, what a step may ask of it, where a journal can lie. */
export interface Machine extends AsyncDisposable {
  readonly identity: MachineIdentity;
  readonly platform: Platform;
  readonly journals: JournalPlaces;
  /** Folder for the packages of a run, of these alone: steps get their files there. */
  readonly contentFolder: string;
  /** Folder of packages that outlive a run, in an installed system; no PE has such a place. */
  readonly cacheFolder?: string;
  /** Connects shares that content is read from; nothing of a step. */
  readonly contentShares?: ContentShares;
  /** Windows: objects that scripts of a step create, registered before the first of them. */
  readonly scriptObjects?: { register(signal: AbortSignal): Promise<void> };
  /** Folder on a disk of this machine for the log and for packages, once there is one; without it, memory. */
  dataFolder?(): Promise<string | undefined>;
  /** Opens a command prompt in a window of its own; comes back when it is closed. In Windows PE only. */
  openCommandPrompt?(): Promise<void>;
  /** Takes away what prestaged media left on its disk, when the run has succeeded. */
  removeStaged?(signal: AbortSignal): Promise<void>;
  /** Takes the agent and its settings out of the OS it runs in, when the run has ended there. */
  removeAgent(): Promise<void>;
  /** Whether a person stands before it: then it keeps what it shows, and restarts when it is done. */
  readonly attended: boolean;
}

/** What `main` tells a machine of itself. */
export interface MachineSettings {
  readonly environment: Platform['environment'];
  readonly bootMac: string | undefined;
  /** Folder for mount points and sockets. */
  readonly stateFolder: string;
  readonly siteCa: string;
  /** Settings for the agent in the installed OS: with the servers that are known when it is put there. */
  readonly agentEnvironment: () => Readonly<Record<string, string>>;
  readonly agentBinary: string;
  readonly log: (message: string) => void;
  /** Device of the media that Linux PE was started from; undefined where it was from the network. */
  readonly mediaDevice?: string | undefined;
  /** Their partition that can be written, where the journal of a run begins; stand-alone media alone have one. */
  readonly mediaDataDevice?: string | undefined;
  /** Where there is no server: the run that the installed system is to go on with, a `StandAloneRun` as JSON. */
  readonly standAloneRun?: (() => string) | undefined;
  /** Whether they are prestaged: then they lie on a disk of the machine, which the run is to use. */
  readonly prestaged?: boolean;
}
