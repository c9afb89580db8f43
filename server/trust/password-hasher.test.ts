import { expect, it } from 'vitest';
import { createPasswordHasher } from './password-hasher.ts';

const cheap = { memoryKib: 64, passes: 1, parallelism: 1 };

it('keeps the parameters in the hash, and says when they are old', async () => {
  const old = createPasswordHasher({ cost: cheap });
  const text = await old.hash('forty mice in the attic');
  expect(text).toMatch(/^\$argon2id\$v=19\$m=64,t=1,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  expect(await old.check('forty mice in the attic', text)).toBe('right');
  expect(await old.check('forty mice in the cellar', text)).toBe('wrong');
  const now = createPasswordHasher({ cost: { ...cheap, passes: 2 } });
  expect(await now.check('forty mice in the attic', text)).toBe('outdated');
  expect(await now.check('forty mice in the cellar', text)).toBe('wrong');
});

it('takes no text that is no hash, and nothing where there is none', async () => {
  const hasher = createPasswordHasher({ cost: cheap });
  for (const text of [undefined, '', '$argon2id$v=19$m=64,t=1,p=1$$', 'forty mice'])
    expect(await hasher.check('forty mice', text)).toBe('wrong');
});

it('hashes only so many at once, and refuses what would wait too long', async () => {
  const hasher = createPasswordHasher({ atOnce: 1, waiting: 2, cost: cheap });
  const asked = await Promise.allSettled([1, 2, 3, 4, 5].map(() => hasher.hash('x')));
  expect(asked.map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'fulfilled',
    'rejected',
    'rejected',
  ]);
  expect(asked[4]).toMatchObject({ reason: { code: 'session.busy' } });
  expect(await hasher.hash('y')).toContain('argon2id');
});

it('a right password is found whatever way its letters are composed', async () => {
  const hasher = createPasswordHasher({ cost: cheap });
  const text = await hasher.hash('Café au lait, bitte');
  expect(await hasher.check('Cafe\u0301 au lait, bitte', text)).toBe('right');
});
