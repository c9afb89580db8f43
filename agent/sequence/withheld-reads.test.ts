import { expect, it } from 'vitest';
import { mentioned } from './withheld-reads.ts';

it.each([
  [{ commandLine: 'join --password %JoinPassword%' }, ['joinpassword']],
  [{ rules: [{ condition: { kind: 'variable', variable: ' Stage ' } }] }, ['stage']],
  [{ baseVariable: 'Apps' }, ['apps01']],
  [{ nested: [['%a%%STAGE%']] }, ['stage']],
  // A word is no name: a script asks for what it reads.
  [{ commandLine: 'metalwright-ts get JoinPassword; env | grep -i stage; Apps' }, []],
  [{ JoinPassword: 1, other: null }, []],
  [undefined, []],
])('M11 names in %j', (value, names) => {
  expect([...mentioned(value, ['joinpassword', 'stage', 'apps01'])]).toEqual(names);
});
