import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { checkRoom, neededBytes } from '#media/build/make-media.ts';
import type { MediaFile } from '#media/manifest.ts';
import { MediaError } from '#media/media-error.ts';
import type { SentFile } from '../content/send-file.ts';
import type { MediaCreate } from '../http/api-media.ts';
import type { MediaEnd } from '../store/media.ts';
import type { Store } from '../store/operations.ts';
import { makePlan, type PlanParts } from './make-plan.ts';
import { fileOfMediaFolder, listMediaFolder } from './media-folder.ts';
import { MediaForm, type MediaRecord } from './media-record.ts';
import { type RunningJob, runMediaJob } from './run-job.ts';

/** How soon the store is told again how the making ended. */
const TELL_AGAIN_MS = 1000;
/** In the folder of media. */
const KNOWN_PIECES = 'pieces.json';

/** What making media needs of the server. */
export interface MediaParts extends PlanParts {
  readonly store: Store;
  /** Folder of media that are made. */
  readonly folder: string;
  readonly workFolder: string;
  /** Signs as signify does. */
  readonly sign: (bytes: Uint8Array) => string;
  /** Called when one is made, or is not. */
  readonly onEnd: (id: string) => void;
}

/** The media that this server makes and has. */
export interface MediaMaker extends AsyncDisposable {
  /**
   * Begins to make media; answered at once. What can be told before is: a password that is too short, no
   * room, a boot image that is not whole. @throws {MediaError} `media.*`; {InventoryError} `variable.*`
   */
  create(wish: MediaCreate, madeBy: string): Promise<MediaRecord>;
  /** Of 1; null where none are being made here. */
  progress(id: string): number | null;
  /** Stops the making; comes back when it has ended. @throws {MediaError} `media.not-making` */
  cancel(id: string): Promise<void>;
  /** Forgets media and deletes their file. */
  remove(id: string): Promise<void>;
  /**
   * The image; of media that are a folder the file with that path.
   * @throws {MediaError} `media.not-ready`, `media.elsewhere`, `media.no-file`, `media.form`, `media.missing-file`
   */
  file(record: MediaRecord, path?: string): Promise<SentFile>;
  /** The files of media that are a folder. @throws {MediaError} as `file` */
  files(record: MediaRecord): Promise<readonly MediaFile[]>;
}

/** Opens it. What was being made when this server last ended is marked as interrupted. */
export async function openMediaMaker(parts: MediaParts): Promise<MediaMaker> {
  const { store, folder, workFolder, sign, nowMs, onEnd } = parts;
  const jobs = new Map<string, { readonly job: RunningJob; readonly kept: Promise<void> }>();
  let cancelled: ReadonlySet<string> = new Set();
  const end = new AbortController();
  const closing = end.signal;
  await store.media.interrupt(hostname(), nowMs());
  const pathOf = (id: string, form: MediaRecord['form']): string =>
    join(folder, form === 'folder' ? id : `${id}.${form}`);

  const cancel = async (id: string): Promise<void> => {
    const running = jobs.get(id);
    if (running === undefined)
      throw new MediaError('media.not-making', `${id} are not being made here`);
    cancelled = new Set([...cancelled, id]);
    running.job.cancel();
    await running.kept;
  };
  const keepEnd = async ({ id, form }: MediaRecord, job: RunningJob): Promise<void> => {
    const ended = await job.end;
    const wasCancelled = ended.kind === 'failed' && cancelled.has(id);
    const finished: MediaEnd = {
      state: ended.kind === 'done' ? 'ready' : wasCancelled ? 'cancelled' : 'failed',
      sizeBytes: ended.kind === 'done' ? await bytesOf(form, ended, pathOf(id, form)) : 0,
      error: ended.kind === 'failed' && !wasCancelled ? ended.failure : null,
      nowMs: nowMs(),
    };
    // The store may be away just then. What it is not told before this server ends was interrupted.
    while (!(await told(id, finished)) && !closing.aborted)
      await wait(TELL_AGAIN_MS, undefined, { signal: closing }).catch(() => {});
    jobs.delete(id);
    onEnd(id);
  };
  const told = async (id: string, finished: MediaEnd): Promise<boolean> =>
    store.media.finish(id, finished).then(
      () => true,
      () => false,
    );

  const place = async (
    { id, form, state, server, label }: MediaRecord,
    wanted: 'file' | 'folder',
  ): Promise<{ readonly path: string; readonly sizeBytes: number }> => {
    if (state !== 'ready')
      throw new MediaError('media.not-ready', `"${label}" are not there: ${state}`);
    if ((form === 'folder') !== (wanted === 'folder'))
      throw new MediaError(
        'media.form',
        form !== 'folder'
          ? `"${label}" are one file, and no folder`
          : `"${label}" are a folder, and no image`,
        { hint: 'Make them in the other form: --form.' },
      );
    const path = pathOf(id, form);
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined) return { path, sizeBytes: found.size };
    if (server !== hostname())
      throw new MediaError('media.elsewhere', `"${label}" lie on the server ${server}`, {
        hint: 'Ask that server for them.',
      });
    throw new MediaError('media.no-file', `${path} is not there any more`, {
      hint: 'Make the media again, and delete these.',
    });
  };

  return {
    async create(wish, madeBy) {
      const id = randomUUID();
      const { publicKey, privateKey } = generateKeyPairSync('ed25519');
      const key = privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64');
      const form: MediaRecord['form'] = wish.kind === 'prestaged' ? 'wim' : wish.form;
      const { plan, facts } = await makePlan(parts, wish, { id, key });
      await mkdir(folder, { recursive: true, mode: 0o750 });
      await checkRoom(folder, neededBytes(plan));
      const record: MediaRecord = {
        id,
        kind: wish.kind,
        label: wish.label,
        form,
        state: 'making',
        server: hostname(),
        madeBy,
        createdMs: nowMs(),
        finishedMs: null,
        sizeBytes: 0,
        publicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
        validFromMs: wish.validFromMs ?? null,
        validUntilMs: wish.validUntilMs ?? null,
        unknownComputers: wish.unknownComputers,
        password: plan.description.password,
        facts,
        error: null,
        blockedMs: null,
        blockedReason: '',
      };
      await store.media.add(record);
      const work = join(workFolder, `media-${id}`);
      const output = pathOf(id, form);
      const options = { form, output, work, known: join(folder, KNOWN_PIECES) };
      const job = runMediaJob({ plan, options }, sign);
      jobs.set(id, { job, kept: keepEnd(record, job) });
      return record;
    },
    progress: (id) => jobs.get(id)?.job.fraction ?? null,
    cancel,
    async remove(id) {
      if (jobs.has(id)) await cancel(id);
      for (const form of MediaForm.options)
        await rm(pathOf(id, form), { recursive: true, force: true });
      await store.media.remove(id);
    },
    async file(record, wanted) {
      const { path, sizeBytes } = await place(record, wanted === undefined ? 'file' : 'folder');
      if (wanted === undefined) return { path, sizeBytes, etag: record.id };
      const { sha256, ...file } = await fileOfMediaFolder(path, wanted);
      return { ...file, etag: sha256 };
    },
    files: async (record) => listMediaFolder((await place(record, 'folder')).path),
    async [Symbol.asyncDispose]() {
      end.abort();
      for (const id of jobs.keys()) await cancel(id);
    },
  };
}

/** Of an image what its file has, with all between; of a folder the sum of its files. */
async function bytesOf(
  form: MediaRecord['form'],
  { sizeBytes }: { readonly sizeBytes: number },
  path: string,
): Promise<number> {
  if (form === 'folder') return sizeBytes;
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}
