import { setTimeout as wait } from 'node:timers/promises';
import type { PackageId, RunId } from '../protocol/identity.ts';
import type { BadSource, ContentSources, RunGrant } from '../protocol/policy.ts';
import type { Transport } from './transport.ts';
import { TransportError } from './transport-error.ts';
import type { SourceFault } from './verified-object.ts';

/** Between two questions where content is, when nothing was found there. */
const ASK_AGAIN_MS = 30_000;
/** A machine may have moved, or a distribution point come: asked about so often while content is fetched. */
const ROUTINE_MS = 10 * 60_000;
/** Between two tries to tell of a fault. */
const TELL_AGAIN_MS = 5_000;
/** Faults told of in one run: more say nothing new. */
const MAX_TOLD = 200;

const kinds: Partial<Record<string, BadSource['kind']>> = {
  'content.damaged': 'damaged',
  'content.missing': 'missing',
  'content.answer': 'answer',
  'content.certificate': 'answer',
};

/** Where the content of a run is, as the server last said, and the way to tell it where it is not. */
export interface RunSources extends AsyncDisposable {
  /** Base URLs of a package, the nearest first. */
  of(packageId: PackageId): readonly string[];
  /** CAs, in PEM, that distribution points of the site have certificates of. */
  cas(): readonly string[];
  /** Asks the server again; nothing changes where it does not answer. */
  refresh(signal: AbortSignal): Promise<void>;
  /** The grant has come anew: what it says counts. */
  forget(): void;
  /** Tells the server, once for each source and object, without waiting for it. */
  tell(fault: SourceFault): void;
}

/** @param grant as it is now: what the server says to `refresh` wins. Disposing gives up on what is not told yet */
export function runSources(
  grant: () => Pick<RunGrant, 'content' | 'contentCas'>,
  parts: {
    readonly runId: RunId;
    readonly transport: Pick<Transport, 'sources' | 'badSource'>;
    readonly log: (message: string) => void;
    readonly now?: () => number;
    readonly tellAgainMs?: number;
  },
): RunSources {
  const { runId, transport, log, now = () => performance.now() } = parts;
  let said: ContentSources['sources'] | undefined;
  let saidCas: ContentSources['contentCas'];
  let askedMs = now();
  let asking: Promise<void> | undefined;
  const told = new Set<string>();
  const telling = new Set<Promise<void>>();
  const closed = new AbortController();

  const ask = async (signal: AbortSignal): Promise<void> => {
    if (transport.sources === undefined) return;
    askedMs = now();
    try {
      const { sources, contentCas } = await transport.sources(runId, signal);
      if (said !== undefined && JSON.stringify(said) !== JSON.stringify(sources))
        log(`Content is elsewhere now: ${placesOf(sources).join(', ') || 'nowhere'}`);
      said = sources;
      saidCas = contentCas;
    } catch (error) {
      signal.throwIfAborted();
      log(`The server does not say where content is: ${String(error)}`);
    }
  };
  const refresh = async (signal: AbortSignal): Promise<void> => {
    asking ??= ask(signal).finally(() => {
      asking = undefined;
    });
    await asking;
  };
  const send = async (bad: BadSource): Promise<void> => {
    for (;;) {
      try {
        await transport.badSource?.(runId, bad, closed.signal);
        return;
      } catch (error) {
        if (closed.signal.aborted) return;
        if (!(error instanceof TransportError) || !error.passing)
          return log(`The server was not told of ${bad.source}: ${String(error)}`);
      }
      await wait(parts.tellAgainMs ?? TELL_AGAIN_MS, undefined, { signal: closed.signal }).catch(
        () => {},
      );
    }
  };
  return {
    of(packageId) {
      if (now() - askedMs >= ROUTINE_MS) void refresh(closed.signal).catch(() => {});
      const one = Object.entries(grant().content).find(([id]) => id === packageId)?.[1];
      const granted = one?.kind === 'found' ? one.sources : [];
      return said?.[packageId] ?? granted;
    },
    cas: () => saidCas ?? grant().contentCas ?? [],
    async refresh(signal) {
      if (now() - askedMs >= ASK_AGAIN_MS) await refresh(signal);
    },
    forget() {
      said = undefined;
      saidCas = undefined;
      askedMs = now();
    },
    tell({ source, sha256, code, message }) {
      const kind = kinds[code];
      const key = `${source} ${sha256}`;
      if (kind === undefined || told.has(key) || told.size >= MAX_TOLD) return;
      told.add(key);
      const sending = send({ source, sha256, kind, detail: message.slice(0, 1000) });
      telling.add(sending);
      void sending.finally(() => telling.delete(sending));
    },
    async [Symbol.asyncDispose]() {
      // What was found last is told, too, if the server is there.
      await Promise.race([Promise.all(telling), wait(1000, undefined, { ref: false })]);
      closed.abort();
      await Promise.all(telling);
    },
  };
}

function placesOf(sources: ContentSources['sources']): string[] {
  return [...new Set(Object.values(sources).flat())];
}
