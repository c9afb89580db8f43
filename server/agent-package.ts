import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContentStore } from './content/store.ts';
import type { AgentPackage } from './http/routes/agent/services.ts';
import type { BootImageState } from './http/services.ts';
import type { WindowsAgent } from './windows-agents.ts';

/** The agent's file beside the boot image, packed with zstd. */
export const AGENT_FILE = 'agent-linux-x64.zst';

/**
 * Puts the agent that lies beside the boot image into the content, where a bootstrap fetches it by its
 * hash. Without one machines would boot and then wait, so `state` says what to do.
 */
export async function keepAgent(
  content: ContentStore,
  directory: string | null,
): Promise<{ readonly package: AgentPackage | undefined; readonly state: BootImageState }> {
  const state = (ready: boolean, detail: string): BootImageState => ({
    name: 'Agent for Linux PE',
    architecture: 'x64',
    ready,
    detail,
  });
  if (directory === null)
    return {
      package: undefined,
      state: state(false, 'It lies beside the boot image; none is set.'),
    };
  const path = join(directory, AGENT_FILE);
  if ((await stat(path).catch(() => undefined))?.isFile() !== true)
    return {
      package: undefined,
      state: state(
        false,
        `${path} is missing: build it with \`node scripts/build-boot.ts --out ${directory}\`, then start the server again.`,
      ),
    };
  const { sha256, sizeBytes } = await content.ingest(createReadStream(path), AGENT_FILE);
  return {
    package: { sha256, sizeBytes, compression: 'zstd' },
    state: state(true, `SHA-256 ${sha256}`),
  };
}

/** The agent, or a part of it, that a bootstrap or another agent asks for; undefined when there is none. */
export function agentPackage(
  wanted: {
    readonly architecture: string;
    readonly environment: string;
    readonly part: string | undefined;
  },
  linux: AgentPackage | undefined,
  windows: readonly WindowsAgent[],
): AgentPackage | undefined {
  const { architecture, environment, part } = wanted;
  if (environment === 'linux-pe')
    return architecture === 'x64' && part === undefined ? linux : undefined;
  if (environment !== 'winpe') return undefined;
  const found = windows.find((each) => each.architecture === architecture);
  if (part === undefined) return found?.agent;
  return part === 'service' ? found?.service : undefined;
}
