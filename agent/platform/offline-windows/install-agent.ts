import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { peArchitecture, readPeHeader } from '#boot/pe-header.ts';
import {
  AGENT_PROGRAM,
  AGENT_SETTINGS_FILE,
  type AgentSettings,
  OS_FOLDER,
  SITE_CA_FILE,
} from '../../protocol/agent-settings.ts';
import { bootstrapEnvironment } from '../../protocol/bootstrap.ts';
import type { MachineArchitecture } from '../../protocol/identity.ts';
import { parseServers } from '../../protocol/servers.ts';
import { StepError } from '../../sequence/step.ts';
import type { fetchAgent } from '../../transport/fetch-agent.ts';
import { hashFile } from '../hash-file.ts';
import { findPath, placeFor } from './folders.ts';

/** Settings of an agent from the variables that one is started with. */
export function agentSettingsOf(
  environment: Readonly<Record<string, string>>,
): Pick<AgentSettings, 'server' | 'servers' | 'bootBase'> {
  const bootBase = environment[bootstrapEnvironment.bootBase];
  const servers = parseServers(environment[bootstrapEnvironment.servers] ?? '');
  return {
    server: environment[bootstrapEnvironment.server] ?? '',
    ...(servers.length === 0 ? {} : { servers: [...servers] }),
    ...(bootBase === undefined ? {} : { bootBase }),
  };
}

/** The service that starts the agent in an installed Windows, beside it. */
const SERVICE_PROGRAM = 'metalwright-service.exe';

/** Where the agent comes from, and what it is told. */
export interface WindowsAgent {
  /** What it is told when it is put there: servers that are known by then. */
  readonly settings: () => Pick<AgentSettings, 'server' | 'servers' | 'bootBase'>;
  /** PEM. */
  readonly siteCa: string;
  /** How a program is fetched to a file; false where the server has none. */
  readonly fetch: typeof fetchAgent;
}

/**
 * Puts the agent for Windows, its service, its settings and the site CA into `\Windows\Metalwright` of the Windows
 * below `root`. `folder` has room for the programs, packed and unpacked.
 * @throws {StepError} `windows.none`, `windows.no-agent`, `windows.agent`
 */
export async function installWindowsAgent(
  root: string,
  {
    architecture,
    agent,
    folder,
  }: {
    readonly architecture: MachineArchitecture;
    readonly agent: WindowsAgent;
    readonly folder: string;
  },
  signal: AbortSignal,
): Promise<void> {
  if ((await findPath(root, '\\Windows\\System32')) === undefined)
    throw new StepError('windows.none', 'The volume has no \\Windows\\System32', {
      hint: 'Apply an image of Windows first.',
    });
  const { siteCa } = agent;
  await mkdir(folder, { recursive: true });
  const work = await mkdtemp(join(folder, 'agent-'));
  try {
    const place = await placeFor(root, OS_FOLDER);
    await mkdir(place, { recursive: true });
    for (const part of ['agent', 'service'] as const) {
      const name = part === 'agent' ? AGENT_PROGRAM : SERVICE_PROGRAM;
      const file = join(work, name);
      await fetchProgram(agent, { architecture, part, file }, signal);
      await copyProgram(file, join(place, name), signal);
    }
    const settings: AgentSettings = {
      ...agent.settings(),
      environment: 'full-os',
      drivers: [],
    };
    await putText(join(place, SITE_CA_FILE), siteCa);
    await putText(join(place, AGENT_SETTINGS_FILE), `${JSON.stringify(settings, undefined, 2)}\n`);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof StepError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new StepError('windows.agent', `The agent cannot be put into Windows: ${reason}`, {
      cause: error,
      hint: 'Can the server be reached, and is there room left on the volume?',
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function fetchProgram(
  { settings, siteCa, fetch }: WindowsAgent,
  wanted: {
    readonly architecture: MachineArchitecture;
    readonly part: 'agent' | 'service';
    readonly file: string;
  },
  signal: AbortSignal,
): Promise<void> {
  const { architecture, part, file } = wanted;
  const which = { architecture, environment: 'winpe' } as const;
  const asked = part === 'service' ? { ...which, part } : which;
  const { server } = settings();
  if (!(await fetch({ server, siteCa }, asked, file, signal)))
    throw new StepError(
      'windows.no-agent',
      `${server === '' ? 'Stand-alone media have' : 'The server has'} no ${part === 'agent' ? 'agent' : 'service of the agent'} for Windows on ${architecture}`,
      {
        hint:
          server === ''
            ? 'Let the task sequence end in Linux PE, or deploy this Windows by the network.'
            : 'Build it on the server: node scripts/build-agent.ts --target windows-x64.',
      },
    );
  const bytes = await open(file);
  try {
    const header = await readPeHeader(async (offset, length) => {
      const { buffer, bytesRead } = await bytes.read(Buffer.alloc(length), 0, length, offset);
      return buffer.subarray(0, bytesRead);
    });
    const found = header === null ? undefined : peArchitecture.get(header.machine);
    // The service is x64 on each machine: Windows 11 on ARM emulates it.
    const fits = found === architecture || (part === 'service' && found === 'x64');
    if (!fits)
      throw new StepError(
        'windows.agent',
        `What the server has as the ${part} for ${architecture} is ${found === undefined ? 'no program' : `for ${found}`}`,
        { hint: 'Build the agent again, and start the server again.' },
      );
  } finally {
    await bytes.close();
  }
}

/** The name is there when the whole program is: what the service starts is never half. */
async function copyProgram(from: string, to: string, signal: AbortSignal): Promise<void> {
  const part = `${to}.new`;
  await pipeline(createReadStream(from), createWriteStream(part, { flush: true }), { signal });
  await rename(part, to);
  if ((await hashFile(to, signal)) !== (await hashFile(from, signal)))
    throw new StepError('windows.agent', `${to} reads back other bytes than were written`, {
      exitCode: 0x8007001d,
      hint: 'The disk may be failing; see its SMART data.',
    });
}

async function putText(path: string, text: string): Promise<void> {
  await writeFile(path, text, { flush: true });
  if ((await readFile(path, 'utf8')) !== text)
    throw new StepError('windows.agent', `${path} reads back another text than was written`);
}
