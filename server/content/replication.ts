import { request } from 'undici';
import { objectPath } from '#agent/protocol/content.ts';
import type { Sha256 } from '#agent/protocol/identity.ts';
import type { Store } from '../store/operations.ts';
import type { ContentStore } from './store.ts';

/** Looked at this often; a change only moves the next look nearer. */
const LOOK_MS = 60_000;
const SOON_MS = 1000;
const HEADERS_TIMEOUT_MS = 10_000;
const BODY_TIMEOUT_MS = 30_000;

export interface ContentReplication {
  /** Packages may have changed. */
  changed(): void;
  close(): Promise<void>;
}

/**
 * Brings what other servers of the site have taken in to this one's disk, each object once, checked by its
 * hash. Until an object is here, machines have it of the server that has it.
 */
export function startContentReplication(settings: {
  readonly store: Pick<Store, 'packages'>;
  readonly content: Pick<ContentStore, 'file' | 'ingest' | 'remove'>;
  /** Base URLs of the other servers' content. */
  readonly sources: () => readonly string[];
  /** Objects have come. */
  readonly onKept: () => void;
  readonly onError: (
    error: unknown,
    about: { readonly sha256?: Sha256; readonly source?: string },
  ) => void;
}): ContentReplication {
  const { store, content, onError } = settings;
  const stop = new AbortController();
  /** Objects known to be here. */
  const here = new Set<Sha256>();
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<void> | undefined;

  const has = async (sha256: Sha256) => {
    if (here.has(sha256)) return true;
    const found = await content.file(sha256).then(
      () => true,
      () => false,
    );
    if (found) here.add(sha256);
    return found;
  };
  const fetchFrom = async (source: string, sha256: Sha256): Promise<boolean> => {
    const { statusCode, body } = await request(source + objectPath(sha256), {
      headersTimeout: HEADERS_TIMEOUT_MS,
      bodyTimeout: BODY_TIMEOUT_MS,
      signal: stop.signal,
    });
    if (statusCode !== 200) {
      body.destroy();
      return false;
    }
    const object = await content.ingest(body, sha256);
    if (object.sha256 === sha256) return true;
    await content.remove(object);
    throw new Error(`it sent an object with the hash ${object.sha256}`);
  };
  const fetchObject = async (sha256: Sha256): Promise<boolean> => {
    for (const source of settings.sources()) {
      try {
        if (await fetchFrom(source, sha256)) return true;
      } catch (error) {
        if (!stop.signal.aborted) onError(error, { sha256, source });
      }
    }
    return false;
  };
  const look = async () => {
    if (settings.sources().length === 0) return;
    let kept = 0;
    for (const sha256 of await store.packages.objects()) {
      if (stop.signal.aborted) return;
      if (await has(sha256)) continue;
      if (!(await fetchObject(sha256))) continue;
      here.add(sha256);
      kept += 1;
    }
    if (kept > 0) settings.onKept();
  };
  const start = () => {
    timer = undefined;
    working ??= look()
      .catch((error: unknown) => {
        if (!stop.signal.aborted) onError(error, {});
      })
      .finally(() => {
        working = undefined;
      });
  };
  const timed = setInterval(start, LOOK_MS);
  timed.unref();
  return {
    changed() {
      if (!stop.signal.aborted) timer ??= setTimeout(start, SOON_MS);
    },
    async close() {
      stop.abort();
      clearInterval(timed);
      clearTimeout(timer);
      await working;
    },
  };
}
