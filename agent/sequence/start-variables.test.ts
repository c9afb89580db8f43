import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyVariables, startVariables } from './start-variables.ts';
import { Variables } from './variables.ts';

const of = (values: Readonly<Record<string, string>>, secret = false) =>
  Object.entries(values).map(([name, value]) => ({ name, value, secret }));
const values = (variables: readonly { name: string; value: string }[]) =>
  Object.fromEntries(variables.map(({ name, value }) => [name, value]));

describe('M11 M12 the variables that a run begins with', () => {
  it('are of collections, over them of the device, of media, of the prestart command', () => {
    const layers = {
      collections: [{ variables: of({ A: '1', B: '1', C: '1', D: '1' }) }],
      device: of({ b: '2', C: '2', D: '2' }),
      media: of({ c: '3', D: '3' }),
      prestart: of({ d: '4', E: '4' }),
    };
    expect(values(startVariables(layers))).toEqual({ A: '1', b: '2', c: '3', d: '4', E: '4' });
  });

  it('are of the collection with the higher precedence, 1 where none is said', () => {
    const collections = [
      { precedence: 9, variables: of({ A: 'nine' }) },
      { variables: of({ A: 'one', B: 'first', C: 'C' }) },
      { precedence: 0, variables: of({ A: 'zero', C: 'none' }) },
      { precedence: 1, variables: of({ B: 'last' }) },
    ];
    expect(values(startVariables({ collections, device: [] }))).toEqual({
      C: 'C',
      B: 'last',
      A: 'nine',
    });
  });

  it('are of its collections only for an unknown computer', () => {
    const collections = [{ variables: of({ A: '1' }) }];
    expect(startVariables({ collections, device: null })).toEqual(of({ A: '1' }));
  });

  it('are deleted by an empty value in a higher layer, and can be set again above that', () => {
    const layers = {
      collections: [{ variables: of({ A: '1', B: '1' }) }],
      device: of({ a: '', B: '' }),
      prestart: of({ B: '4' }),
    };
    expect(values(startVariables(layers))).toEqual({ B: '4' });
  });

  it('stay secret in the layers above, and are secret by their name', () => {
    const layers = {
      collections: [{ variables: of({ Pin: '1', Gone: '1' }, true) }],
      device: of({ PIN: '2', Gone: '' }),
      media: of({ Gone: '3', OSDJoinPassword: 'p' }),
    };
    expect(startVariables(layers)).toEqual([
      { name: 'PIN', value: '2', secret: true },
      { name: 'Gone', value: '3', secret: false },
      { name: 'OSDJoinPassword', value: 'p', secret: true },
    ]);
  });

  it('are what a run finds that sets them one after the other, layer by layer', () => {
    const layer = fc.array(
      fc.record({
        name: fc.constantFrom('a', 'A', ' b', 'B', 'c'),
        value: fc.constantFrom('', '1', '2'),
        secret: fc.boolean(),
      }),
      { maxLength: 4 },
    );
    const collection = fc.record({ precedence: fc.nat(2), variables: layer });
    fc.assert(
      fc.property(
        fc.array(collection, { maxLength: 4 }),
        layer,
        layer,
        (collections, device, media) => {
          const inOrder = [0, 1, 2].flatMap((precedence) =>
            collections
              .filter((each) => each.precedence === precedence)
              .flatMap(({ variables }) => variables),
          );
          const model = Variables.none.setAll([...inOrder, ...device, ...media]);
          const begun = Variables.none.setAll(startVariables({ collections, device, media }));
          const key = ({ name }: { name: string }) => name.toLowerCase();
          const sorted = (variables: Variables) =>
            [...variables].sort((one, other) => (key(one) < key(other) ? -1 : 1));
          expect(sorted(begun)).toEqual(sorted(model));
        },
      ),
    );
  });
});

it('M12 those that the highest layer leaves empty are asked for, a secret one as a secret', () => {
  const value = (name: string, text: string, secret = false) => ({ name, value: text, secret });
  const layers = {
    collections: [
      {
        precedence: 2,
        variables: [value('Site', ''), value('Owner', 'IT'), value('Pin', '', true)],
      },
      { precedence: 1, variables: [value('Site', 'Vienna', true), value('Room', '')] },
    ],
    device: [value('OWNER', ''), value('room', '12'), value('OSDJoinPassword', '')],
  };
  expect(emptyVariables(layers)).toEqual([
    { name: 'Site', secret: false },
    { name: 'Pin', secret: true },
    { name: 'OWNER', secret: false },
    { name: 'OSDJoinPassword', secret: true },
  ]);
  expect(startVariables(layers)).toEqual([{ name: 'room', value: '12', secret: false }]);
});
