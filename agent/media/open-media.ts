/**
 * What is done with media before anything of them runs: signature, machine, dates, every byte, password. The content,
 * which may be large, is read while a person types. Nothing is written.
 */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type FitMachine, fit } from '#boot/fit.ts';
import { checkMediaFiles, readMediaManifest } from '#media/check-files.ts';
import { MediaDescription, MediaPrivate, parseMediaDocument } from '#media/description.ts';
import { isContent, type MediaFile, mediaPaths } from '#media/manifest.ts';
import { MediaError } from '#media/media-error.ts';
import { Envelope, openEnvelope } from '#media/password-envelope.ts';
import { AgentError } from '../agent-error.ts';
import type { Terminals } from '../menu/terminals.ts';
import { StandAloneGrant } from '../protocol/stand-alone.ts';
import { askPassword } from './ask-password.ts';
import { checkValidity } from './validity.ts';

/** Beside the site CA in a boot image. */
const BOOT_KEY_FILE = 'boot.pub';

/** Media that may be used. */
export interface OpenedMedia {
  readonly description: MediaDescription;
  readonly private: MediaPrivate;
  /** Opens its secret variables one by one; undefined without a password. */
  readonly variableKey: Uint8Array | undefined;
  /** Of the media: proves to the server which they are, and makes the keys of runs without one. */
  readonly key: KeyObject;
  /** What they grant; undefined where a server does. */
  readonly standAlone: StandAloneGrant | undefined;
  /** Of their content, which nothing may be begun without. */
  readonly contentCheck: ContentCheck;
}

/** The reading of all content, while other things are done. */
interface ContentCheck {
  /** @throws {MediaError} `media.damaged` and the like */
  readonly done: Promise<void>;
  /** A run that goes on was begun with media that were whole: chunks are checked as they are used. */
  stop(): void;
}

/** What it is done with. */
export interface OpenOptions {
  readonly folder: string;
  readonly siteCaFile: string;
  readonly machine: FitMachine;
  readonly terminals: Pick<Terminals, 'show' | 'setHeader' | 'takeInput' | 'setOverlay'>;
  readonly nowMs: () => number;
}

/**
 * @throws {MediaError} `media.signature`, `media.other-site`, `media.damaged` and the like, `media.architecture`,
 *   `media.expired`, `media.not-yet`, `media.clock`; {AgentError} `machine.firmware`
 */
export async function openMedia(options: OpenOptions, signal: AbortSignal): Promise<OpenedMedia> {
  const { folder, siteCaFile, machine, terminals, nowMs } = options;
  const publicKey = await readFile(join(dirname(siteCaFile), BOOT_KEY_FILE), 'utf8');
  const files = await readMediaManifest(folder, publicKey);
  // The little ones first: what they say decides whether the rest is of any use.
  const described = await checked(options, files, signal);
  const { description } = described;
  terminals.setHeader({ server: `${description.servers[0] ?? ''} (media "${description.label}")` });
  assertFits(description, machine);
  checkValidity(description, nowMs());
  const [content, others] = [true, false].map((wanted) =>
    files.filter(({ path }) => isContent(path) === wanted),
  );
  await checkAll(options, others ?? [], signal);
  // What was staged is checked as it is used, and what is damaged by then is fetched.
  const first = description.kind === 'prestaged' ? [] : (content ?? []);
  const contentCheck = checkContent(options, first, signal);
  const given = new AbortController();
  const asking = AbortSignal.any([signal, given.signal]);
  contentCheck.done.catch((error: unknown) => given.abort(error));
  const opened = await openPrivate(described, terminals, asking);
  const der = Buffer.from(opened.private.key, 'base64');
  return {
    description,
    ...opened,
    key: createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }),
    standAlone: standAloneOf(described, opened.private),
    contentCheck,
  };
}

/** Reads files, saying each tenth. @throws {MediaError} */
async function checkAll(
  { folder, terminals }: Pick<OpenOptions, 'folder' | 'terminals'>,
  files: readonly MediaFile[],
  signal: AbortSignal,
): Promise<void> {
  let told = -1;
  for await (const { doneBytes, totalBytes } of checkMediaFiles(folder, files, signal)) {
    const tenth = Math.floor((doneBytes * 10) / Math.max(1, totalBytes));
    if (tenth > told)
      terminals.show({ kind: 'starting', text: `Checking the media: ${tenth * 10} %` });
    told = Math.max(told, tenth);
  }
}

function checkContent(
  options: Pick<OpenOptions, 'folder' | 'terminals'>,
  files: readonly MediaFile[],
  signal: AbortSignal,
): ContentCheck {
  const stop = new AbortController();
  const done = checkAll(options, files, AbortSignal.any([signal, stop.signal])).catch(
    (error: unknown) => {
      if (!stop.signal.aborted) throw error;
    },
  );
  done.catch(() => {});
  return { done, stop: () => stop.abort() };
}

interface Described {
  readonly description: MediaDescription;
  readonly envelope: Envelope;
}

/** The documents of the media, their bytes held against the manifest. */
async function checked(
  { folder }: OpenOptions,
  files: readonly MediaFile[],
  signal: AbortSignal,
): Promise<Described> {
  const names: readonly string[] = [mediaPaths.description, mediaPaths.private];
  const documents = files.filter(({ path }) => names.includes(path));
  if (documents.length !== names.length)
    throw new MediaError('media.manifest', `the manifest does not name ${names.join(' and ')}`);
  for await (const _ of checkMediaFiles(folder, documents, signal));
  const read = async (path: string): Promise<string> => readFile(join(folder, path), 'utf8');
  const description = parseMediaDocument(
    MediaDescription,
    await read(mediaPaths.description),
    mediaPaths.description,
  );
  const envelope = parseMediaDocument(Envelope, await read(mediaPaths.private), mediaPaths.private);
  return { description, envelope };
}

/** @throws {MediaError} `media.document` */
function standAloneOf(
  { description }: Described,
  { standAlone }: MediaPrivate,
): StandAloneGrant | undefined {
  if (description.kind !== 'stand-alone') return undefined;
  return parseMediaDocument(
    StandAloneGrant,
    JSON.stringify(standAlone ?? null),
    mediaPaths.private,
  );
}

function assertFits({ label, architecture }: MediaDescription, machine: FitMachine): void {
  const name = `The Linux PE of the media "${label}"`;
  const found = fit(machine, { kind: 'media', name, architecture });
  if (found.kind === 'fits') return;
  const hint = 'Start the machine from media for its architecture, or from the network.';
  if (found.code === 'media.architecture')
    throw new MediaError('media.architecture', found.reason, { hint });
  throw new AgentError(found.code, found.reason, hint);
}

async function openPrivate(
  { description, envelope }: Described,
  terminals: OpenOptions['terminals'],
  signal: AbortSignal,
): Promise<Pick<OpenedMedia, 'private' | 'variableKey'>> {
  const parse = (text: string): MediaPrivate =>
    parseMediaDocument(MediaPrivate, text, mediaPaths.private);
  if (envelope.kind === 'plain') return { private: parse(envelope.text), variableKey: undefined };
  const opened = await askPassword(
    terminals,
    async (password) => openEnvelope(envelope, password, description.id),
    signal,
  );
  return { private: parse(opened.text), variableKey: opened.variableKey };
}
