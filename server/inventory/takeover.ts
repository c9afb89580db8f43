/** A key that registers for a machine with an open run, which another key speaks for. */
export interface TakeoverClaim {
  /** The resume token of the run's journal was right. */
  readonly proven: boolean;
  /** The machine was told apart from all others (`DeviceMatch.sure`). */
  readonly sure: boolean;
  /** An operator has refused the machine. */
  readonly ignored: boolean;
  /** What the run was granted holds secret values. */
  readonly hasSecrets: boolean;
  /** When this key was first seen; null for one that registers for the first time. */
  readonly firstSeenMs: number | null;
  /** When the key that holds the run was first seen; null when that is forgotten. */
  readonly holderFirstSeenMs: number | null;
}

/**
 * Whether the key speaks for the open run from now on, with nobody asked. Each start of a machine makes a
 * new key, and a power cut before there was a disk to keep the journal on leaves it without the resume
 * token: the same machine then goes on, but secrets are opened to nobody who only says who he is. A key
 * that has lost the run to a later start never takes it back.
 */
export function takesOver(claim: TakeoverClaim): boolean {
  if (claim.proven)
    return claim.firstSeenMs === null || claim.firstSeenMs >= (claim.holderFirstSeenMs ?? 0);
  return claim.firstSeenMs === null && claim.sure && !claim.ignored && !claim.hasSecrets;
}
