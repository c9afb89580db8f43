import type { DeviceId } from '#agent/protocol/identity.ts';
import type { AgentSession } from '../store/agents.ts';
import type { Store } from '../store/operations.ts';

/** Who has which token, without asking the store each time. */
export interface AgentSessions {
  /** Null for an unknown or expired token. */
  find(tokenHash: string, nowMs: number): Promise<AgentSession | null>;
  /** These devices have changed, or any may have: who has a token of theirs is looked up again. */
  forget(devices?: readonly DeviceId[]): void;
}

/** For how long a session is known; another server on the same database may end it. */
const KNOWN_MS = 5000;
const KNOWN_SESSIONS = 10_000;

interface Known {
  readonly session: AgentSession;
  readonly untilMs: number;
  /** Number of the last change before it was read. */
  readonly asOf: number;
}

/**
 * Keeps the sessions of the last seconds. A machine that reports asks with one token several times a
 * second, and each look into the store would wait for a commit of others.
 */
export function createAgentSessions(store: Pick<Store, 'agents'>): AgentSessions {
  const known = new Map<string, Known>();
  /** Number of the last change of a device. */
  const changed = new Map<DeviceId, number>();
  let change = 0;
  let changeOfAll = 0;
  const isStale = ({ session: { deviceId }, asOf }: Pick<Known, 'session' | 'asOf'>) =>
    asOf < changeOfAll || (deviceId !== null && asOf < (changed.get(deviceId) ?? 0));
  return {
    async find(tokenHash, nowMs) {
      const before = known.get(tokenHash);
      if (
        before !== undefined &&
        nowMs < before.untilMs &&
        nowMs >= before.untilMs - KNOWN_MS &&
        !isStale(before)
      )
        return before.session;
      const asOf = change;
      const session = await store.agents.session(tokenHash, nowMs);
      known.delete(tokenHash);
      // What was read before a change is not kept for after it.
      if (session === null || isStale({ session, asOf })) return session;
      if (known.size >= KNOWN_SESSIONS) known.clear();
      known.set(tokenHash, { session, untilMs: nowMs + KNOWN_MS, asOf });
      return session;
    },
    forget(devices) {
      change += 1;
      if (devices === undefined || changed.size >= KNOWN_SESSIONS) {
        changeOfAll = change;
        changed.clear();
        known.clear();
      } else for (const device of devices) changed.set(device, change);
    },
  };
}
