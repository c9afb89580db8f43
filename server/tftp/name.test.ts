import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { normalizeName } from './name.ts';

it.each([
  { requested: 'shimx64.efi', name: 'shimx64.efi' },
  { requested: '/grub/grub.cfg', name: 'grub/grub.cfg' },
  { requested: '\\Boot\\BCD', name: 'Boot/BCD' },
  { requested: '//grubx64.efi', name: 'grubx64.efi' },
  { requested: './a/./b', name: 'a/b' },
  { requested: '..a/b..', name: '..a/b..' },
])('reads $requested as $name', ({ requested, name }) => {
  expect(normalizeName(requested)).toEqual({ kind: 'name', name });
});

it.each([
  { requested: '../etc/shadow', message: 'name leaves the tree' },
  { requested: 'grub\\..\\..\\x', message: 'name leaves the tree' },
  { requested: 'a\u0001b', message: 'name with control characters' },
  { requested: '', message: 'empty name' },
  { requested: '///', message: 'empty name' },
  { requested: 'x'.repeat(500), message: 'name of 500 bytes, at most 255 are served' },
])('refuses $message', ({ requested, message }) => {
  expect(normalizeName(requested)).toEqual({ kind: 'refused', code: 2, message });
});

it('never gives a name that leaves the tree or starts at its root', () => {
  const part = fc.constantFrom('..', '.', '', 'a', '/', '\\', '...');
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      const name = normalizeName(parts.join('/'));
      if (name.kind === 'refused') return;
      expect(name.name).not.toMatch(/(^|\/)\.\.(\/|$)|^\/|\\/);
    }),
  );
});
