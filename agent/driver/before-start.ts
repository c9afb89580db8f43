import { setTimeout as wait } from 'node:timers/promises';
import type { PackageId } from '../protocol/identity.ts';
import type { RunGrant } from '../protocol/policy.ts';
import type { RunError } from '../protocol/run-event.ts';
import { checkBeforeStart } from '../sequence/checks.ts';
import {
  listMissingContent,
  type MissingContent,
  missingContentRule,
} from '../sequence/content-rule.ts';
import type { Platform } from '../sequence/platform.ts';
import { listReferences } from '../sequence/references.ts';
import { type ContentAccess, StepError } from '../sequence/step.ts';
import type { StepRegistry, TaskSequence } from '../sequence/task-sequence.ts';
import type { Variables } from '../sequence/variables.ts';
import type { ServerClock } from './clock.ts';
import { runErrorOf } from './run-step.ts';
import type { RunObserver } from './setup.ts';

/** Between two looks for content that was missing. */
const LOOK_AGAIN_MS = 15_000;
/** Packages that are asked for at once before the first step. */
const ASKED_AT_ONCE = 8;
/** How long a required deployment waits for its content where its server does not say (M30). */
const CONTENT_WAIT_MS = 60 * 60_000;

/** What a run is checked with before its first step. */
export interface BeforeStart {
  readonly grant: Pick<RunGrant, 'purpose' | 'contentWaitUntilMs' | 'download'>;
  readonly sequence: TaskSequence;
  readonly registry: StepRegistry;
  readonly platform: Platform;
  readonly content: ContentAccess;
  readonly observer: Pick<RunObserver, 'log' | 'warn' | 'waiting'>;
  /** Asks the server again what content there is. */
  readonly lookAgain: (signal: AbortSignal) => Promise<void>;
  /** The server's time: a wait limit goes on over a restart. */
  readonly clock: Pick<ServerClock, 'now'>;
  /** Between two looks for content that was missing. */
  readonly lookAgainMs?: number;
}

/**
 * Why the run must not begin, or undefined. Content first, whatever the conditions will say (reference:
 * conditions, 3a); then this machine: disk, image, architecture. Nothing is written.
 */
export async function refusalBeforeStart(
  setup: BeforeStart,
  variables: Variables,
  signal: AbortSignal,
): Promise<RunError | undefined> {
  const { sequence, registry, platform, content, observer } = setup;
  const missing = await waitForContent(setup, signal);
  if (missing !== undefined) return missing;
  const findings = await checkBeforeStart(sequence, registry, variables, {
    platform,
    content,
    log: (message) => observer.log(message, 'Checks'),
    signal,
  });
  // Missing content was told above, by rules of its own.
  const others = findings.filter(({ error }) => error.code !== 'content.missing');
  for (const { name, error, fatal } of others)
    observer.warn(
      `${name}: ${error.code}: ${error.message}${fatal ? '' : ' (tolerated)'}`,
      'Checks',
    );
  const fatal = others.find(({ fatal }) => fatal);
  if (fatal !== undefined)
    return { ...fatal.error, message: `${fatal.name}: ${fatal.error.message}` };
  return await downloadFirst(setup, signal);
}

/** *Download all content locally before starting* (M27): into the cache of the client, all or the run fails. */
async function downloadFirst(
  { grant, sequence, registry, content, observer }: BeforeStart,
  signal: AbortSignal,
): Promise<RunError | undefined> {
  if (grant.download !== 'first') return undefined;
  if (content.downloadAll === undefined) {
    observer.warn('There is no cache here: content is fetched when it is needed', 'Content');
    return undefined;
  }
  const ids = referencesThere({ sequence, registry, content });
  try {
    let done = 0;
    await content.downloadAll(
      [...ids],
      ({ name, packageId, version }) => {
        done += 1;
        const what = `"${name}" (${packageId} version ${version}), ${done} of ${ids.size}`;
        observer.log(`Into the cache: ${what}`, 'Content');
        observer.waiting(`Downloading ${what}`);
      },
      signal,
    );
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    const { code, message, hint } = runErrorOf(error);
    const why = `All content was to be here before the first step: ${message}`;
    return { code, message: why.slice(0, 4000), ...(hint === undefined ? {} : { hint }) };
  } finally {
    observer.waiting(undefined);
  }
}

/** Packages that enabled steps reference and that the server has. */
function referencesThere({
  sequence,
  registry,
  content,
}: Pick<BeforeStart, 'sequence' | 'registry' | 'content'>): ReadonlySet<PackageId> {
  return new Set(
    listReferences(sequence, registry).flatMap(({ reference: { id } }) =>
      id !== undefined && whyMissing(content, id) === undefined ? [id] : [],
    ),
  );
}

/** Content that decides is missing: an available deployment fails at once, a required one waits for it. */
async function waitForContent(
  setup: BeforeStart,
  signal: AbortSignal,
): Promise<RunError | undefined> {
  const { grant, observer, clock, lookAgainMs = LOOK_AGAIN_MS } = setup;
  const beganMs = clock.now();
  const untilMs = grant.contentWaitUntilMs ?? beganMs + CONTENT_WAIT_MS;
  for (let looks = 0; ; looks++) {
    const missing = missingOf(setup, await unreachable(setup, signal));
    const decisive = missing.find(
      ({ found: { tolerated } }) => missingContentRule(tolerated, grant) !== 'fails-at-step',
    );
    if (decisive === undefined || missingContentRule(false, grant) === 'run-fails') {
      for (const { error, found } of missing)
        observer.warn(`${error.message}${found.tolerated ? ' (tolerated)' : ''}`, 'Content');
      return decisive?.error;
    }
    const until = new Date(untilMs).toISOString();
    const leftMs = untilMs - clock.now();
    if (leftMs <= 0) {
      const minutes = Math.round((clock.now() - beganMs) / 60_000);
      const message = `${decisive.error.message}; it did not come until ${until} (waited for ${minutes} minutes since the machine started)`;
      return { ...decisive.error, message };
    }
    if (looks === 0)
      observer.warn(`${decisive.error.message}; waiting for it until ${until}`, 'Content');
    observer.waiting(`${decisive.error.message}. Waiting for it until ${until}`);
    await wait(Math.min(lookAgainMs, leftMs), undefined, { signal });
    await setup.lookAgain(signal);
    observer.waiting(undefined);
  }
}

/** Why packages that the server has cannot be had from here, by their ids (M26). */
async function unreachable(
  { sequence, registry, content }: BeforeStart,
  signal: AbortSignal,
): Promise<ReadonlyMap<PackageId, string>> {
  const reasons = new Map<PackageId, string>();
  if (content.whyUnreachable === undefined) return reasons;
  const queue = referencesThere({ sequence, registry, content }).values();
  const worker = async (): Promise<void> => {
    for (const id of queue) {
      const why = await content.whyUnreachable?.(id, signal);
      if (why !== undefined) reasons.set(id, why);
    }
  };
  await Promise.all(Array.from({ length: ASKED_AT_ONCE }, worker));
  return reasons;
}

function missingOf(
  { sequence, registry, content }: BeforeStart,
  unreachable: ReadonlyMap<PackageId, string>,
): readonly MissingContent[] {
  return listMissingContent(
    sequence,
    registry,
    (packageId) => whyMissing(content, packageId) ?? unreachable.get(packageId),
  );
}

function whyMissing(content: ContentAccess, packageId: PackageId): string | undefined {
  try {
    content.manifest(packageId);
    return undefined;
  } catch (error) {
    if (error instanceof StepError && error.code === 'content.missing') return error.message;
    throw error;
  }
}
