import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { Sha256 } from '#agent/protocol/identity.ts';
import type { ContentStore } from './content/store.ts';
import type { AgentPackage } from './http/routes/agent/services.ts';
import type { BootImageState } from './http/services.ts';

const architectures = ['x64', 'arm64'] as const;
type WindowsAgentArchitecture = (typeof architectures)[number];

/** `agent.json` beside the agent, as scripts/build-agent.ts writes it. */
const AgentBuild = z.object({
  sha256: Sha256,
  version: z.string(),
  system: z.literal('windows'),
  architecture: z.enum(architectures),
  files: z.array(z.object({ name: z.string(), sha256: Sha256 })).default([]),
});

const AGENT_FILE = 'metalwright-agent.exe';
const SERVICE_FILE = 'metalwright-service.exe';

/** An agent for Windows as it was built: a folder of files, each by its hash also in the content. */
export interface WindowsAgent {
  readonly architecture: WindowsAgentArchitecture;
  readonly version: string;
  readonly folder: string;
  /** All that belongs to it, the agent first. */
  readonly files: readonly string[];
  readonly agent: AgentPackage;
  /** The service that starts it in an installed Windows. */
  readonly service: AgentPackage | undefined;
}

/** What there is of agents for Windows. */
export interface WindowsAgents {
  readonly agents: readonly WindowsAgent[];
  readonly states: readonly BootImageState[];
}

/**
 * Puts the agents for Windows that lie beside the Linux PE boot image, in `windows-agent-x64` and
 * `windows-agent-arm64`, into the content: boot images of Windows PE are made with them, and Linux PE fetches
 * them by hash for the Windows that it installs. One that is missing or damaged costs only itself.
 *
 * @param directory that of the Linux PE boot image; null when none is set
 */
export async function keepWindowsAgents(
  content: Pick<ContentStore, 'ingest'>,
  directory: string | null,
): Promise<WindowsAgents> {
  if (directory === null) return { agents: [], states: [] };
  const agents: WindowsAgent[] = [];
  const states: BootImageState[] = [];
  for (const architecture of architectures) {
    const folder = join(dirname(directory), `windows-agent-${architecture}`);
    const state = (ready: boolean, detail: string): void => {
      states.push({ name: 'Agent for Windows', architecture, ready, detail });
    };
    const build = `build it with \`node scripts/build-agent.ts --target windows-${architecture}\`, then start the server again.`;
    try {
      const agent = await keepOne(content, folder, architecture);
      agents.push(agent);
      state(true, `Version ${agent.version}, SHA-256 ${agent.agent.sha256}`);
    } catch (error) {
      const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      // Machines of ARM64 are rare: nobody is to build their agent who has none.
      if (missing && architecture === 'arm64') continue;
      state(false, missing ? `${folder} is missing: ${build}` : `${reasonOf(error)}: ${build}`);
    }
  }
  return { agents, states };
}

async function keepOne(
  content: Pick<ContentStore, 'ingest'>,
  folder: string,
  architecture: WindowsAgentArchitecture,
): Promise<WindowsAgent> {
  const build = AgentBuild.parse(JSON.parse(await readFile(join(folder, 'agent.json'), 'utf8')));
  if (build.architecture !== architecture)
    throw new Error(`${folder} has an agent for ${build.architecture}`);
  const keep = async (name: string, expected: Sha256): Promise<AgentPackage> => {
    const { sha256, sizeBytes } = await content.ingest(createReadStream(join(folder, name)), name);
    if (sha256 !== expected)
      throw new Error(`${join(folder, name)} is not the file that was built`);
    return { sha256, sizeBytes, compression: 'none' };
  };
  const agent = await keep(AGENT_FILE, build.sha256);
  const others = new Map<string, AgentPackage>();
  for (const { name, sha256 } of build.files) others.set(name, await keep(name, sha256));
  return {
    architecture,
    version: build.version,
    folder,
    files: [AGENT_FILE, ...others.keys()],
    agent,
    service: others.get(SERVICE_FILE),
  };
}

function reasonOf(error: unknown): string {
  if (error instanceof z.ZodError) return 'its agent.json cannot be read';
  return error instanceof Error ? error.message : String(error);
}
