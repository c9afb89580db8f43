import { expect, it } from 'vitest';
import { newPassword } from './new-password.ts';

it('makes passwords that Windows takes, each another one', () => {
  const made = Array.from({ length: 200 }, newPassword);
  expect(new Set(made).size).toBe(200);
  for (const password of made) {
    expect(password).toHaveLength(24);
    for (const kind of [/[A-Z]/, /[a-z]/, /\d/, /[!#+\-.:=?@_]/]) expect(password).toMatch(kind);
  }
  // All places have all kinds: they are shuffled.
  expect(new Set(made.map((password) => /[A-Z]/.test(password.charAt(0)))).size).toBe(2);
});
