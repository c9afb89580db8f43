import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReleasedAccount } from '../protocol/step-secrets.ts';
import { StepError } from '../sequence/step.ts';
import type { ContentAccounts } from './content-account.ts';
import type { FetchChunk } from './fetch-chunk.ts';

/** A share of a server (SMB). */
interface Share {
  readonly server: string;
  readonly name: string;
}
/** Connects shares for reading content and nothing else. */
export interface ContentShares {
  /** @returns the folder that the share then is. @throws {StepError} `network.logon`, other `network.*` */
  connect(
    share: Share,
    account: Pick<ReleasedAccount, 'user' | 'password'>,
    signal: AbortSignal,
  ): Promise<string>;
}

/** How long a chunk may take where no other source could be asked. */
const LONGEST_MS = 120_000;
/** Each read that hangs holds one of the few threads that all files of this process are read by. */
const AT_ONCE = 2;
/** An account that a domain refuses too often is locked: for so long none is tried again at that share. */
const REFUSED_MS = 5 * 60_000;

/**
 * Fetches from shares, `smb://server/share/folder`: each is connected once with the first of the network access
 * accounts that it takes. Bytes are those of a file there; whether they are right is not asked here.
 *
 * @throws {StepError} `account.content-share` where the site has no account; `content.account` where the share takes
 *   none of them; `content.missing`, `content.damaged`, `content.unreachable`; and what asking for the accounts throws
 */
export function shareChunks(
  shares: ContentShares | undefined,
  ask: ContentAccounts,
  now: () => number = () => performance.now(),
): FetchChunk {
  const connected = new Map<string, Promise<string>>();
  const refused = new Map<string, { readonly untilMs: number; readonly error: StepError }>();
  const take = takeTurns(AT_ONCE);
  let known: readonly ReleasedAccount[] | undefined;

  const signIn = async (share: Share, signal: AbortSignal): Promise<string> => {
    const name = `//${share.server}/${share.name}`;
    const before = refused.get(name);
    if (before !== undefined && before.untilMs > now()) throw before.error;
    if (shares === undefined)
      throw new StepError('content.unreachable', `${name}: this agent connects no shares`);
    known ??= await askFor(name, ask);
    for (const account of known) {
      try {
        return await shares.connect(share, account, signal);
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof StepError && error.code === 'network.logon') continue;
        const reason = error instanceof Error ? error.message : String(error);
        throw new StepError('content.unreachable', reason, { cause: error });
      }
    }
    const names = known.map((account) => account.name).join(', ');
    const error = new StepError('content.account', `${name} takes none of the accounts ${names}`, {
      hint: 'Give one of the network access accounts read access there.',
    });
    refused.set(name, { untilMs: now() + REFUSED_MS, error });
    // Accounts may be given other passwords meanwhile.
    known = undefined;
    throw error;
  };

  return async ({ url, first, last, deadlineMs = LONGEST_MS }, signal) => {
    const { share, below } = placeOf(url);
    const key = `${share.server}/${share.name}`.toLowerCase();
    const late = AbortSignal.timeout(deadlineMs);
    const either = AbortSignal.any([signal, late]);
    try {
      return await Promise.race([
        aborted(either),
        take(async () => {
          either.throwIfAborted();
          const folder = connected.get(key) ?? signIn(share, signal);
          connected.set(key, folder);
          return readRange(join(await folder, ...below), { url, first, last });
        }, either),
      ]);
    } catch (error) {
      signal.throwIfAborted();
      const failure = late.aborted
        ? new StepError('content.unreachable', `${url} took over ${deadlineMs} ms`)
        : asFailure(error, url);
      // What is there and lacks a file stays connected.
      if (!['content.missing', 'content.damaged'].includes(failure.code)) connected.delete(key);
      throw failure;
    }
  };
}

/** Fetches by the way that the address of the source names. */
export function chunksByScheme(ways: {
  readonly web: FetchChunk;
  readonly share: FetchChunk;
}): FetchChunk {
  return async (chunk, signal) =>
    chunk.url.startsWith('smb:') ? ways.share(chunk, signal) : ways.web(chunk, signal);
}

async function askFor(share: string, ask: ContentAccounts): Promise<readonly ReleasedAccount[]> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof StepError) || error.code !== 'account.content') throw error;
    throw new StepError(
      'account.content-share',
      `${share} is read with a network access account, and the site has none`,
      { hint: 'metalwright account add <name> --kind network-access --user <user>', cause: error },
    );
  }
}

function placeOf(url: string): { readonly share: Share; readonly below: readonly string[] } {
  const { hostname, pathname } = new URL(url);
  const [name = '', ...below] = pathname
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent);
  return { share: { server: hostname, name }, below };
}

/**
 * Into a buffer of its own: a read that was given up on may still write into it, when another chunk would have
 * another's.
 */
async function readRange(
  path: string,
  { url, first, last }: { readonly url: string; readonly first: number; readonly last: number },
): Promise<Uint8Array> {
  await using file = await open(path, 'r');
  const bytes = new Uint8Array(last - first + 1);
  for (let at = 0; at < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, at, bytes.length - at, first + at);
    if (bytesRead === 0)
      throw new StepError('content.damaged', `${url} ends at byte ${first + at}: it is too short`, {
        exitCode: 0x80091007,
        hint: 'The file on the distribution point is damaged: fill it again (metalwright dp sync).',
      });
    at += bytesRead;
  }
  return bytes;
}

function asFailure(error: unknown, url: string): StepError {
  if (error instanceof StepError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new StepError('content.missing', `${url} is not there`, { cause: error });
  if (code === 'EACCES' || code === 'EPERM')
    return new StepError('content.account', `${url} may not be read by the account (${code})`, {
      hint: 'Give the network access account read access to the files of that share.',
      cause: error,
    });
  return new StepError('content.unreachable', `${url}: ${code}`, { cause: error });
}

/** Lets so many work at once; the others wait for their turn. */
function takeTurns(most: number) {
  let free = most;
  const waiting: (() => void)[] = [];
  return async <Value>(work: () => Promise<Value>, signal: AbortSignal): Promise<Value> => {
    if (free > 0) free -= 1;
    else {
      const turn = Promise.withResolvers<void>();
      waiting.push(turn.resolve);
      await turn.promise;
    }
    try {
      // Who has given up meanwhile hands its turn on.
      signal.throwIfAborted();
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}

async function aborted(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  if (signal.aborted) reject(signal.reason);
  else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  return promise;
}
