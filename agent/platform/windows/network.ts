import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Membership, NetworkCapability } from '../../sequence/network-capability.ts';
import { StepError } from '../../sequence/step-error.ts';
import { NetworkAnswer, type NetworkCall } from './network-call.ts';
import { connectError, isPassing, joinError } from './network-error.ts';
import { type RunWindowsTool, toolFailure } from './run-tool.ts';

/** Finding a server that is off takes Windows a minute; a join asks several controllers. */
const CONNECT_TIMEOUT_MS = 3 * 60_000;
const JOIN_TIMEOUT_MS = 10 * 60_000;
const AGAIN_MS = 5_000;
const TRIES = 4;
const ACCOUNT_EXISTS = 2224;
const NOT_JOINED = 2692;

/** Shares and memberships of a Windows, by calls that a second agent makes. */
export function windowsNetwork(parts: {
  readonly runTool: RunWindowsTool;
  /** The agent itself, as the first words of an argv. */
  readonly agent: readonly [string, ...string[]];
  readonly isPe: boolean;
  readonly systemRoot: string;
  readonly log: (message: string) => void;
  readonly isFolder?: (path: string) => Promise<boolean>;
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}): NetworkCapability & {
  /** Ends the connection of a share; none that is there is none to end. */
  disconnect(path: string, signal: AbortSignal): Promise<void>;
} {
  const { isPe, systemRoot, log, isFolder = folderIsThere, wait = pause } = parts;
  const call = async (request: NetworkCall, signal: AbortSignal): Promise<NetworkAnswer> =>
    askAgent(parts, request, signal);
  const membership = async (signal: AbortSignal): Promise<Membership> => {
    const { code, membership: found } = await call({ call: 'membership' }, signal);
    if (found === undefined) throw joinError('read what this computer belongs to', code);
    const { kind, name, dnsName } = found;
    return kind === 'domain' && dnsName !== '' ? { kind, name, dnsName } : { kind, name };
  };

  return {
    async connectFolder({ path, drive, account }, signal) {
      const letter = drive === null ? null : `${drive[0]?.toUpperCase()}:`;
      const request: NetworkCall = { call: 'connect', path, drive: letter, account };
      for (let left = TRIES; ; ) {
        const { code, share } = await call(request, signal);
        // The step before a power cut may have done it.
        const isThere = share?.toLowerCase() === path.toLowerCase();
        if (code === 0 || isThere) break;
        left -= 1;
        if (!isPassing(code) || left === 0) throw connectError(path, code);
        log(`${connectError(path, code).message}; trying again`);
        await wait(AGAIN_MS, signal);
      }
      const folder = letter === null ? path : `${letter}\\`;
      if (!(await isFolder(folder)))
        throw new StepError('network.path', `${path} is connected, and ${folder} cannot be read`, {
          hint: 'Is the folder there, and may the account read it?',
          exitCode: 0x80070003,
        });
      return folder;
    },
    async disconnect(path, signal) {
      const { code } = await call({ call: 'disconnect', path }, signal);
      if (code !== 0) log(`${path} stays connected until the restart: error ${code}`);
    },
    membership: isPe ? undefined : membership,
    async join(request, signal) {
      if (isPe)
        throw new StepError('network.join', 'Windows PE joins nothing', {
          hint: 'Join in the installed Windows, or by Apply Network Settings.',
        });
      switch (request.kind) {
        case 'offline-blob': {
          const blob = request.blob.replaceAll(/[\s\0\ufeff]/g, '');
          const made = { call: 'offline-join', blob, windows: systemRoot } as const;
          const { code } = await call(made, signal);
          // It counts, and shows, after the restart only.
          if (code !== 0) throw joinError('use the offline domain join blob', code);
          return;
        }
        case 'domain': {
          const { domain, organizationalUnit, account } = request;
          const what = `join the domain ${domain} as ${account.user}`;
          const join = { call: 'join-domain', domain, account } as const;
          const first = await call({ ...join, organizationalUnit, create: true }, signal);
          // The account of the computer is where it is: it is not moved to another unit.
          const { code } =
            first.code === ACCOUNT_EXISTS
              ? await call({ ...join, organizationalUnit: null, create: false }, signal)
              : first;
          if (code !== 0) throw joinError(what, code);
          return assertIs(await membership(signal), 'domain', domain);
        }
        case 'workgroup':
          break;
      }
      const { workgroup, account } = request;
      const before = await membership(signal);
      if (before.kind === 'domain') {
        const { code } = await call({ call: 'leave-domain', account }, signal);
        if (code !== 0 && code !== NOT_JOINED) throw joinError(`leave ${before.name}`, code);
      }
      const { code } = await call({ call: 'join-workgroup', workgroup }, signal);
      if (code !== 0) throw joinError(`join the workgroup ${workgroup}`, code);
      assertIs(await membership(signal), 'workgroup', workgroup);
    },
  };
}

/** Reads back: success that changed nothing is none. */
function assertIs(found: Membership, kind: Membership['kind'], name: string): void {
  const wanted = name.toLowerCase();
  const names = [found.name, found.kind === 'domain' ? (found.dnsName ?? '') : ''];
  if (found.kind === kind && names.some((each) => each.toLowerCase() === wanted)) return;
  // A domain may be joined by one of its other names.
  if (found.kind === kind && kind === 'domain') return;
  throw new StepError(
    'network.join',
    `Windows says that it joined ${name}, and belongs to the ${found.kind} ${found.name}`,
  );
}

async function askAgent(
  { runTool, agent }: Pick<Parameters<typeof windowsNetwork>[0], 'runTool' | 'agent'>,
  request: NetworkCall,
  signal: AbortSignal,
): Promise<NetworkAnswer> {
  const command = {
    argv: [...agent, 'windows-call'] as [string, ...string[]],
    title: `the call ${request.call}`,
    input: JSON.stringify(request),
    timeoutMs: request.call === 'connect' ? CONNECT_TIMEOUT_MS : JOIN_TIMEOUT_MS,
  };
  const run = await runTool(command, signal);
  const line = run.stdout.trim().split('\n').at(-1) ?? '';
  try {
    return NetworkAnswer.parse(JSON.parse(line));
  } catch {
    throw toolFailure(command, run);
  }
}

async function folderIsThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal });
}
