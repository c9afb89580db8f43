import type { AgentSession } from '../store/agents.ts';
import type { Store } from '../store/operations.ts';

/** Who has which token, without asking the store each time. */
export interface AgentSessions {
  /** Null for an unknown or expired token. */
  find(tokenHash: string, nowMs: number): Promise<AgentSession | null>;
  /**
   * Devices may have changed, by an operator or another server: everybody is looked up again. What machines
   * do changes nothing of a token that was given before.
   */
  forget(): void;
}

/** For how long a session is known, should nothing be heard of what another server has changed. */
const KNOWN_MS = 30_000;
/**
 * A session that is asked for when it is older than this is read again meanwhile: nobody waits for that. Each
 * one at a time of its own, so that a bench that was switched on together is not read together.
 */
const RENEW_MS = { from: 10_000, to: 25_000 };
const KNOWN_SESSIONS = 10_000;

interface Known {
  readonly session: AgentSession;
  readonly readMs: number;
  /** When it is read again; never while it is. */
  renewMs: number;
}

/**
 * Keeps the sessions of the last seconds. A machine that reports asks with one token several times a
 * second, and each look into the store would wait for a commit of others.
 */
export function createAgentSessions(store: Pick<Store, 'agents'>): AgentSessions {
  const known = new Map<string, Known>();
  let generation = 0;

  const read = async (tokenHash: string, nowMs: number): Promise<AgentSession | null> => {
    const asked = generation;
    const session = await store.agents.session(tokenHash, nowMs);
    // What was read before a change is not kept for after it.
    if (asked !== generation) return session;
    known.delete(tokenHash);
    if (session === null) return session;
    if (known.size >= KNOWN_SESSIONS) known.clear();
    const renewMs = nowMs + RENEW_MS.from + Math.random() * (RENEW_MS.to - RENEW_MS.from);
    known.set(tokenHash, { session, readMs: nowMs, renewMs });
    return session;
  };
  return {
    async find(tokenHash, nowMs) {
      const before = known.get(tokenHash);
      if (before === undefined || nowMs >= before.readMs + KNOWN_MS || nowMs < before.readMs)
        return await read(tokenHash, nowMs);
      if (nowMs >= before.renewMs) {
        before.renewMs = Number.POSITIVE_INFINITY;
        // Where the store fails the session is read once more when it is too old, and the failure is told then.
        read(tokenHash, nowMs).catch(() => {});
      }
      return before.session;
    },
    forget() {
      generation += 1;
      known.clear();
    },
  };
}
