/** Where a captured image goes: a share, or a path on this machine. */

import type { z } from 'zod';
import type { VolumeId } from '#agent/sequence/platform.ts';
import { type StepContext, StepError } from '#agent/sequence/step.ts';
import type { Account } from './account.ts';
import { openPath, readPath } from './download-place.ts';
import { networkOf } from './network-of.ts';

/** A file that is to be written, open as long as the step works on it. */
export interface CaptureDestination extends AsyncDisposable {
  /** As this agent opens it. */
  readonly file: string;
  /** The volume that it lies on, where it is one of this machine. */
  readonly volume: VolumeId | null;
  /** From the root of that volume, `/images/a.wim`. */
  readonly pathOnVolume: string | null;
  /** Writes the volume out, where there is one. */
  flush(signal: AbortSignal): Promise<void>;
}

/** @throws {StepError} `capture.destination`, `network.*`, `disk.*` */
export async function openDestination(
  {
    destination,
    account,
  }: { readonly destination: string; readonly account?: z.output<typeof Account> | undefined },
  context: StepContext,
): Promise<CaptureDestination> {
  const text = destination.trim();
  const [, parent = '', name = ''] = /^(.*)[\\/]([^\\/]+)$/s.exec(text) ?? [];
  if (name === '' || name === '.' || name === '..') throw refused(text, 'it names no file');
  const [, share, below = ''] = /^(\\\\[^\\]+\\[^\\]+)(.*)$/s.exec(parent) ?? [];
  if (share !== undefined) return openShare({ share, below, name, account }, context);
  const path = /^([a-z]:|(?:gpt|mbr):[0-9a-f-]+)$/i.test(parent) ? `${parent}\\` : parent || '/';
  const written = await readPath(path, context).catch(asDestination);
  const opened = await openPath(path, context).catch(asDestination);
  const separator = opened.folder.includes('\\') ? '\\' : '/';
  const rest = written.kind === 'volume' || written.kind === 'drive' ? written.rest : null;
  return {
    file: `${opened.folder.replace(/[\\/]+$/, '')}${separator}${name}`,
    volume: await volumeOf(written, context),
    pathOnVolume:
      rest === null ? null : `/${[...rest.split(/[\\/]+/).filter(Boolean), name].join('/')}`,
    flush: async (signal) => opened.flush(signal),
    [Symbol.asyncDispose]: async () => opened[Symbol.asyncDispose](),
  };
}

async function openShare(
  {
    share,
    below,
    name,
    account,
  }: {
    readonly share: string;
    readonly below: string;
    readonly name: string;
    readonly account: z.output<typeof Account> | undefined;
  },
  context: StepContext,
): Promise<CaptureDestination> {
  const { platform, signal } = context;
  context.log(`Connecting ${share}${account === undefined ? '' : `, account ${account.user}`}`);
  const request = { path: share, drive: null, account: account ?? null };
  const folder = await networkOf(platform).connectFolder(request, signal);
  const separator = folder.includes('\\') ? '\\' : '/';
  const names = [...below.split(/[\\/]+/).filter(Boolean), name];
  if (names.includes('..')) throw refused(`${share}${below}\\${name}`, 'it leads out of the share');
  return {
    file: [folder, ...names].join(separator),
    volume: null,
    pathOnVolume: null,
    flush: async () => {},
    async [Symbol.asyncDispose]() {},
  };
}

async function volumeOf(
  written: Awaited<ReturnType<typeof readPath>>,
  { platform, signal }: StepContext,
): Promise<VolumeId | null> {
  if (written.kind === 'volume') return written.volume;
  if (written.kind !== 'drive') return null;
  const partitions = (await platform.disk.list(signal)).flatMap((disk) => disk.partitions);
  const found = partitions.find(({ letter }) => letter?.toUpperCase() === written.letter);
  return found?.volume ?? null;
}

function asDestination(error: unknown): never {
  if (!(error instanceof StepError) || error.code !== 'content.destination') throw error;
  throw new StepError('capture.destination', error.message.replace('Packages', 'An image'), {
    hint: 'Name a share, \\\\server\\share\\image.wim, or a file with its drive or volume: D:\\image.wim, %Volume%\\image.wim.',
    exitCode: error.exitCode,
    cause: error,
  });
}

function refused(text: string, why: string): StepError {
  return new StepError('capture.destination', `An image cannot be put at "${text}": ${why}`, {
    hint: 'Name a share, \\\\server\\share\\image.wim, or a file with its drive or volume: D:\\image.wim, %Volume%\\image.wim.',
    exitCode: 0x800700a1,
  });
}
