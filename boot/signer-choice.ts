import type { BootSigner } from './boot-image-facts.ts';

/**
 * What is known of a machine's Secure Boot: which boot manager it was given last, and what came of it. A
 * request does not tell which authorities the firmware trusts; this does.
 */
export interface SignerMemory {
  readonly signer: BootSigner;
  /** Times in a row that it was fetched whole and nothing was asked for after it. */
  readonly failures: number;
  /** It has loaded a boot image at some time. */
  readonly loaded: boolean;
}
export type LoaderOutcome = 'loaded' | 'refused';

/** A single time may be somebody who switched the machine off. */
const FAILURES_BEFORE_CHANGE = 2;

/** What is remembered after one more boot with a boot manager of this signer. */
export function remember(
  before: SignerMemory | undefined,
  signer: BootSigner,
  outcome: LoaderOutcome,
): SignerMemory {
  if (outcome === 'loaded') return { signer, failures: 0, loaded: true };
  if (before?.signer !== signer) return { signer, failures: 1, loaded: false };
  return { ...before, failures: before.failures + 1 };
}

/** `why` completes "signed by <signer>, ...". */
export type SignerChoice =
  | { readonly kind: 'signer'; readonly signer: BootSigner; readonly why: string }
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * Which boot manager a machine gets. A setting is obeyed to the letter. Without one the older authority
 * comes first, which every firmware was delivered with; after two boots that ended with it, the other one,
 * and whichever loads is kept.
 */
export function chooseSigner(
  wish: 'auto' | BootSigner,
  has: readonly BootSigner[],
  memory: SignerMemory | undefined,
): SignerChoice {
  if (wish !== 'auto')
    return has.includes(wish)
      ? { kind: 'signer', signer: wish, why: 'as is set' }
      : { kind: 'refused', reason: `has no boot manager that the ${wish} authority signed` };
  const [first] = has.toSorted();
  if (first === undefined) return { kind: 'refused', reason: 'has no boot manager for UEFI' };
  if (memory === undefined) return { kind: 'signer', signer: first, why: 'which comes first' };
  const other = has.find((signer) => signer !== memory.signer);
  if (memory.failures >= FAILURES_BEFORE_CHANGE && other !== undefined)
    return {
      kind: 'signer',
      signer: other,
      why: `because the one of ${memory.signer} was fetched ${memory.failures} times and nothing followed: Secure Boot refuses it there`,
    };
  if (!has.includes(memory.signer))
    return { kind: 'signer', signer: first, why: `the only one there is` };
  return {
    kind: 'signer',
    signer: memory.signer,
    why: memory.loaded ? 'which has loaded here before' : 'which was tried last',
  };
}
