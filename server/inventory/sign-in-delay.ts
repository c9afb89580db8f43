/** Failed attempts to sign in at one account, or from one address. */
export interface Attempts {
  readonly failures: number;
  readonly lastMs: number;
  readonly blockedUntilMs: number;
}

/** What attempts are counted by, and how many are free. An address may be that of a whole office. */
export type AttemptSubject = 'account' | 'address';
const FREE: Readonly<Record<AttemptSubject, number>> = { account: 5, address: 20 };
const LONGEST_MS = 15 * 60_000;
/** Failures that nobody followed up are forgotten. */
export const FORGET_AFTER_MS = 24 * 60 * 60_000;

/**
 * One more failed attempt. After those that are free each makes the next wait twice as long, from a second
 * up to a quarter of an hour.
 */
export function addFailure(
  before: Attempts | undefined,
  subject: AttemptSubject,
  nowMs: number,
): Attempts {
  const isOld = before === undefined || nowMs - before.lastMs > FORGET_AFTER_MS;
  const failures = (isOld ? 0 : before.failures) + 1;
  const beyond = failures - FREE[subject];
  const waitMs = beyond <= 0 ? 0 : Math.min(LONGEST_MS, 1000 * 2 ** Math.min(beyond - 1, 20));
  return { failures, lastMs: nowMs, blockedUntilMs: nowMs + waitMs };
}
