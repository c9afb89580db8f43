import type { MachineIdentity } from '../../protocol/identity.ts';
import type { ProcessCapability } from '../../sequence/platform.ts';
import type { MachineSettings } from '../machine.ts';
import type { WindowsParts as QueryParts } from './query/parts.ts';
import type { Registry } from './query/registry.ts';
import type { RunWindowsTool } from './run-tool.ts';
import type { Win32 } from './win32.ts';

/** What the drives of a Windows machine act through; tests give recorded ones. */
export interface WindowsMachineParts {
  /** The one way to run a tool. */
  readonly runTool: RunWindowsTool;
  /** Undefined where Node cannot make calls of Windows. */
  readonly win32: Win32 | undefined;
  /** The registry as 64-bit programs see it. */
  readonly registry: Registry;
  /** Files, environment and the like, as the questions of conditions see them. */
  readonly query: QueryParts;
  readonly identity: Pick<MachineIdentity, 'architecture' | 'firmware' | 'secureBoot'>;
  /** `winpe` or `full-os`, the agent's own program and settings, the folder of its files. */
  readonly settings: MachineSettings;
  /** `X:\Windows`, of the Windows that runs. */
  readonly systemRoot: string;
  /** A new folder of this account with files for a tool, gone when disposed. */
  readonly scratch: ProcessCapability['scratch'];
  readonly log: (message: string) => void;
}
