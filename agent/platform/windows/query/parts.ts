import type { NetworkInterfaceInfo } from 'node:os';

/** What a tool wrote and how it ended. */
interface ToolResult {
  readonly code: number;
  readonly stdout: Uint8Array;
  readonly timedOut: boolean;
}
/** Runs a tool of Windows by argv, never by a shell. `input` is its standard input. */
export type RunTool = (
  command: {
    readonly argv: readonly [string, ...string[]];
    readonly input?: string;
    readonly timeoutMs: number;
  },
  signal: AbortSignal,
) => Promise<ToolResult>;

/** A file or folder as it lies on the disk. */
export interface FoundFile {
  readonly kind: 'file' | 'folder';
  readonly modifiedMs: number;
  /** Reads part of a file; less than asked for at its end. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** What the questions need of a Windows machine; tests give recorded answers. */
export interface WindowsParts {
  readonly run: RunTool;
  /** Finds what a path names, null for nothing; closes it again when `use` is done. */
  readonly withFile: <Value>(
    path: string,
    use: (found: FoundFile | null) => Promise<Value>,
  ) => Promise<Value>;
  /** The agent's environment: `windir`, `SystemRoot`, `ProgramFiles`, in any case. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly networkInterfaces: () => Readonly<
    Record<string, readonly NetworkInterfaceInfo[] | undefined>
  >;
  readonly hostName: string;
  readonly memoryBytes: number;
  /** Whether 64-bit paths and keys are meant: what SMSTSDisableWow64Redirection=true says. */
  readonly view: '64' | '32';
}
