import { expect, it } from 'vitest';
import { mergeVariables } from './variables.ts';

const variable = (name: string, value: string) => ({ name, value, secret: false });

it('M12 a device wins over its collections, names have no case', () => {
  const merged = mergeVariables(
    [[variable('Domain', 'a.example'), variable('Zone', '1')], [variable('DOMAIN', 'b.example')]],
    [variable('zone', '2')],
  );
  expect(merged).toEqual([variable('DOMAIN', 'b.example'), variable('zone', '2')]);
});
