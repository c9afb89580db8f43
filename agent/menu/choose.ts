import type { Offer } from '../protocol/policy.ts';
import type { Terminals } from './terminals.ts';

/** What has been typed, and the offer it chose. A single digit chooses at once where it can mean no other. */
export function choose(
  typed: string,
  key: string,
  count: number,
): { readonly typed: string; readonly chosen?: number } {
  if (key === '\r' || key === '\n') {
    const number = Number(typed);
    return number >= 1 && number <= count ? { typed: '', chosen: number - 1 } : { typed: '' };
  }
  if (key === '\u007F' || key === '\b') return { typed: typed.slice(0, -1) };
  if (!/^\d$/.test(key)) return { typed };
  const next = `${typed}${key}`.slice(-3);
  const number = Number(next);
  if (number >= 1 && number <= count && number * 10 > count)
    return { typed: '', chosen: number - 1 };
  return { typed: next };
}

/**
 * Shows the offers and waits for one to be chosen at any terminal; with `againMs` no longer than that, from the last
 * key on.
 */
export async function chooseOffer(
  terminals: Terminals,
  offers: readonly Offer[],
  { signal, againMs }: { readonly signal: AbortSignal; readonly againMs?: number },
): Promise<Offer | undefined> {
  const chosen = Promise.withResolvers<Offer | undefined>();
  const again =
    againMs === undefined ? undefined : setTimeout(() => chosen.resolve(undefined), againMs);
  let typed = '';
  terminals.show({ kind: 'menu', offers, typed });
  using _listening = terminals.onInput((text) => {
    again?.refresh();
    for (const key of text) {
      const step = choose(typed, key, offers.length);
      typed = step.typed;
      const offer = step.chosen === undefined ? undefined : offers[step.chosen];
      if (offer) chosen.resolve(offer);
    }
    terminals.show({ kind: 'menu', offers, typed });
  });
  const onAbort = (): void => chosen.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  // Nothing else holds the process while a person thinks.
  const alive = setInterval(() => {}, 60_000);
  try {
    return await chosen.promise;
  } finally {
    clearInterval(alive);
    clearTimeout(again);
    signal.removeEventListener('abort', onAbort);
  }
}
