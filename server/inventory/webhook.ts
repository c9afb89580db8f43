import { z } from 'zod';

/** What a webhook can be told of. */
export const WebhookEvent = z.enum([
  'run-started',
  'run-succeeded',
  'run-failed',
  'run-forked',
  'device-waiting',
  'webhook-test',
]);
export type WebhookEvent = z.infer<typeof WebhookEvent>;

const DAY_MS = 86_400_000;
/** First wait, and the longest; a delivery is given up after a day, a webhook after a week without one. */
const FIRST_MS = 10_000;
const LONGEST_MS = 60 * 60_000;
const GIVEN_UP_MS = DAY_MS;
const DISABLED_MS = 7 * DAY_MS;

/** Where the URL of a webhook is sealed for. */
export function placeOfUrl(id: string): { readonly owner: string; readonly name: string } {
  return { owner: `webhook:${id}`, name: 'url' };
}

/** A URL as it is shown: what comes after the host may be a token that lets anybody post. */
export function shownUrl(url: string): string {
  const { origin, pathname, search } = new URL(url);
  return pathname === '/' && search === '' ? `${origin}/` : `${origin}/…`;
}

/** When a delivery that failed is tried again; null when it is given up. */
export function nextTry(
  { attempts, createdMs }: { readonly attempts: number; readonly createdMs: number },
  nowMs: number,
): number | null {
  const next = nowMs + Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempts, 20));
  return next - createdMs > GIVEN_UP_MS ? null : next;
}

/** Whether a webhook that has failed for so long is switched off. */
export function isHopeless(failingSinceMs: number | null, nowMs: number): boolean {
  return failingSinceMs !== null && nowMs - failingSinceMs > DISABLED_MS;
}
