import { expect, it } from 'vitest';
import { keys } from './keys.ts';
import { logKey } from './log-key.ts';

it('F9 copies the log, once at a time, and says where it is or why not', async () => {
  let type: (text: string) => void = () => {};
  let copies = 0;
  const shown: (readonly string[] | undefined)[] = [];
  const end = Promise.withResolvers<void>();
  using _key = logKey(
    {
      onInput: (listener) => {
        type = listener;
        return { [Symbol.dispose]() {} };
      },
      setOverlay: (lines) => void shown.push(lines),
    },
    async () => {
      copies += 1;
      if (copies === 2) throw new Error('no diskpart');
      await end.promise;
      return { copied: ['disk 1'], problems: ['disk 2: full'] };
    },
    1,
  );
  type('x');
  type(keys.f9);
  type(keys.f9);
  end.resolve();
  await expect.poll(() => shown.at(-1)).toBeUndefined();
  expect(copies).toBe(1);
  expect(shown).toContainEqual(['The log is on disk 1', 'The log is not on disk 2: full']);
  type(keys.f9);
  await expect.poll(() => shown.length).toBeGreaterThan(4);
  expect(shown).toContainEqual(['The log cannot be copied: no diskpart']);
});
