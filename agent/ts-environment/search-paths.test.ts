import { expect, it } from 'vitest';
import { searchPaths } from './search-paths.ts';

const folder = { programs: 'P', modules: 'M' };
const WINDOWS = 'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\Modules';

it.each([
  ['linux', { PATH: '/bin' }, {}, 'P:/bin', 'M'],
  ['linux', {}, {}, 'P:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'M'],
  ['linux', { PATH: '/bin', PSModulePath: '/m' }, {}, 'P:/bin', 'M:/m'],
  // A variable of the sequence is in the environment of its commands: it must not be lost.
  ['linux', { PATH: '/bin' }, { PATH: '/own', Path: '/no' }, 'P:/own', 'M'],
  ['win32', { Path: 'C:\\x', SYSTEMROOT: 'C:\\Windows' }, {}, 'P;C:\\x', `M;${WINDOWS}`],
  ['win32', { Path: 'C:\\x', PSMODULEPATH: 'C:\\m' }, { path: 'C:\\o' }, 'P;C:\\o', 'M;C:\\m'],
] as const)(
  'M11 in %s, %j and the sequence %j: PATH %j, PSModulePath %j',
  (system, inherited, own, PATH, PSModulePath) => {
    expect(searchPaths(folder, { system, inherited, own })).toEqual({ PATH, PSModulePath });
  },
);
