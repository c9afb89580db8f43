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

it('asks the store once in ten seconds, and at once after half a minute or when the clock is set back', async () => {
  const { sessions, asked, answer } = setUp();
  answer(Promise.resolve(session));
  for (const nowMs of [100_000, 100_001, 109_999]) await sessions.find('a', nowMs);
  expect(asked()).toBe(1);
  await sessions.find('a', 130_000);
  expect(asked()).toBe(2);
  await sessions.find('a', 1000);
  expect(asked()).toBe(3);
});

it('M32 reads what it knows again while it is used, once, and lets nobody wait for that', async () => {
  const { sessions, asked, answer } = setUp();
  answer(Promise.resolve(session));
  await sessions.find('a', 0);
  const { promise, resolve } = Promise.withResolvers<AgentSession | null>();
  answer(promise);
  expect(await sessions.find('a', 25_000)).toBe(session);
  expect(await sessions.find('a', 29_999)).toBe(session);
  expect(asked()).toBe(2);
  resolve(null);
  await promise;
  await Promise.resolve();
  expect(await sessions.find('a', 29_999)).toBeNull(); // the token is no more
  expect(asked()).toBe(3);
});

it('tells that the store fails to whoever needs it', async () => {
  const { sessions, asked, answer } = setUp();
  answer(Promise.resolve(session));
  await sessions.find('a', 0);
  answer(Promise.reject(new Error('no disk')));
  expect(await sessions.find('a', 29_999)).toBe(session);
  await expect(sessions.find('a', 30_000)).rejects.toThrow('no disk');
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
