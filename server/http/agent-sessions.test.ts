import { expect, it } from 'vitest';
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

it('asks the store once in half a minute, whatever the clock does', async () => {
  const { sessions, asked, answer } = setUp();
  answer(Promise.resolve(session));
  for (const nowMs of [100_000, 100_001, 129_999]) await sessions.find('a', nowMs);
  expect(asked()).toBe(1);
  await sessions.find('a', 130_000);
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
