import { expect, it } from 'vitest';
import type { DeviceId } from '#agent/protocol/identity.ts';
import type { AgentSession } from '../store/agents.ts';
import { createAgentSessions } from './agent-sessions.ts';

function setUp() {
  let asked = 0;
  let answer: Promise<AgentSession | null> = Promise.resolve(null);
  const agents = {
    session: () => {
      asked += 1;
      return answer;
    },
  };
  const store = { agents } as unknown as Parameters<typeof createAgentSessions>[0];
  return {
    sessions: createAgentSessions(store),
    asked: () => asked,
    answer: (next: Promise<AgentSession | null>) => {
      answer = next;
    },
  };
}
const session = { keyThumbprint: 'k', deviceId: null } as unknown as AgentSession;

it('asks the store once in a few seconds, whatever the clock does', async () => {
  const { sessions, asked, answer } = setUp();
  answer(Promise.resolve(session));
  for (const nowMs of [10_000, 10_001, 14_999]) await sessions.find('a', nowMs);
  expect(asked()).toBe(1);
  await sessions.find('a', 15_000);
  expect(asked()).toBe(2);
  await sessions.find('a', 1000); // the clock was set back
  expect(asked()).toBe(3);
});

it('keeps nothing of a token that is none, nor of what was read before a change', async () => {
  const { sessions, asked, answer } = setUp();
  await sessions.find('a', 0);
  await sessions.find('a', 0);
  expect(asked()).toBe(2);
  const { promise, resolve } = Promise.withResolvers<AgentSession | null>();
  answer(promise);
  const found = sessions.find('a', 0);
  sessions.forget();
  resolve(session);
  expect(await found).toBe(session);
  await sessions.find('a', 0);
  expect(asked()).toBe(4);
  sessions.forget();
  await sessions.find('a', 0);
  expect(asked()).toBe(5);
});

it('asks again for a machine that has changed, and for no other', async () => {
  const { sessions, asked, answer } = setUp();
  const [one, other] = ['1', '2'].map((id) => ({ keyThumbprint: 'k', deviceId: id }));
  const find = async (token: string, found: unknown) => {
    answer(Promise.resolve(found as AgentSession));
    await sessions.find(token, 0);
  };
  await find('a', one);
  await find('b', other);
  sessions.forget(['1' as DeviceId]);
  await find('b', other);
  expect(asked()).toBe(2);
  await find('a', one);
  expect(asked()).toBe(3);
  sessions.forget([]);
  await find('a', one);
  expect(asked()).toBe(3);
});
