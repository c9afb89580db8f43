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
const KNOWN_SESSIONS = 10_000;

/**
 * Keeps the sessions of the last seconds. A machine that reports asks with one token several times a
 * second, and each look into the store would wait for a commit of others.
 */
export function createAgentSessions(store: Pick<Store, 'agents'>): AgentSessions {
  const known = new Map<string, { readonly session: AgentSession; readonly untilMs: number }>();
  let generation = 0;
  return {
    async find(tokenHash, nowMs) {
      const before = known.get(tokenHash);
      if (before !== undefined && nowMs < before.untilMs && nowMs >= before.untilMs - KNOWN_MS)
        return before.session;
      const asked = generation;
      const session = await store.agents.session(tokenHash, nowMs);
      known.delete(tokenHash);
      // What was read before a change is not kept for after it.
      if (session === null || asked !== generation) return session;
      if (known.size >= KNOWN_SESSIONS) known.clear();
      known.set(tokenHash, { session, untilMs: nowMs + KNOWN_MS });
      return session;
    },
    forget() {
      generation += 1;
      known.clear();
    },
  };
}
