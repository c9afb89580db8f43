import { setTimeout as wait } from 'node:timers/promises';
import type { RunGrant } from '../protocol/policy.ts';
import type { RunError } from '../protocol/run-event.ts';
import { checkBeforeStart } from '../sequence/checks.ts';
import {
  listMissingContent,
  type MissingContent,
  missingContentRule,
} from '../sequence/content-rule.ts';
import type { Platform } from '../sequence/platform.ts';
import { type ContentAccess, StepError } from '../sequence/step.ts';
import type { StepRegistry, TaskSequence } from '../sequence/task-sequence.ts';
import type { Variables } from '../sequence/variables.ts';
import type { ServerClock } from './clock.ts';
import type { RunObserver } from './setup.ts';

/** Between two looks for content that was missing. */
const LOOK_AGAIN_MS = 15_000;
/** How long a required deployment waits for its content where its server does not say (M30). */
const CONTENT_WAIT_MS = 60 * 60_000;

/** What a run is checked with before its first step. */
export interface BeforeStart {
  readonly grant: Pick<RunGrant, 'purpose' | 'contentWaitUntilMs'>;
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
  return fatal && { ...fatal.error, message: `${fatal.name}: ${fatal.error.message}` };
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
    const missing = missingOf(setup);
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

function missingOf({ sequence, registry, content }: BeforeStart): readonly MissingContent[] {
  return listMissingContent(sequence, registry, (packageId) => {
    try {
      content.manifest(packageId);
      return true;
    } catch (error) {
      if (error instanceof StepError && error.code === 'content.missing') return false;
      throw error;
    }
  });
}
