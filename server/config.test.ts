import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { runHere } from './cli/testing/run-here.ts';
import { variableOf } from './config/environment.ts';
import { readConfig } from './config/load-config.ts';
import { configJsonSchema, listSettings } from './config/setting-paths.ts';
import { Config } from './config.ts';

const problemsOf = (text: string, environment: Record<string, string> = {}) => {
  try {
    readConfig(text, environment);
    return [];
  } catch (error) {
    return error instanceof Error && 'problems' in error ? error.problems : error;
  }
};

it('has a default for everything', () => {
  expect(readConfig('', {}).config).toMatchObject({
    dataDirectory: '/var/lib/metalwright',
    bootImageDirectory: null,
    listeners: { boot: { port: 7480 }, agents: { port: 7443 }, console: { port: 7400 } },
    netboot: { enabled: true },
    logLevel: 'info',
  });
});

it('takes the file, and the environment before it, and says where each value is from', () => {
  const text = 'listeners:\n  boot: { port: 80 }\n  agents: { host: 10.0.5.1 }\n';
  const environment = { METALWRIGHT_BOOT_PORT: '8080', METALWRIGHT_DATA: '/srv/mw' };
  const { config, origins } = readConfig(text, environment);
  expect(config).toMatchObject({
    dataDirectory: '/srv/mw',
    listeners: { boot: { port: 8080 }, agents: { host: '10.0.5.1', port: 7443 } },
  });
  expect(Object.fromEntries(origins)).toEqual({
    dataDirectory: 'METALWRIGHT_DATA',
    'listeners.boot.port': 'METALWRIGHT_BOOT_PORT',
    'listeners.agents.host': 'file (line 3)',
  });
});

it('has an environment variable for each setting, and the long name wins over the short one', () => {
  const names = listSettings().map(variableOf);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toContain('METALWRIGHT_NETBOOT__PORTS__DHCP_CLIENT');
  const { config } = readConfig('', {
    METALWRIGHT_NETBOOT__ENABLED: 'false',
    METALWRIGHT_LISTENERS__BOOT__PORT: '81',
    METALWRIGHT_BOOT_PORT: '82',
    METALWRIGHT_LOG_LEVEL: '',
  });
  expect(config).toMatchObject({
    netboot: { enabled: false },
    listeners: { boot: { port: 81 } },
    logLevel: 'info',
  });
});

it('warns of a variable that looks like a setting and is none, not of those of scripts', () => {
  const environment = { METALWRIGHT_LOGLEVEL: 'debug', METALWRIGHT_CACHE: '/x', OTHER: 'y' };
  expect(readConfig('', environment).unknownVariables).toEqual([
    { name: 'METALWRIGHT_LOGLEVEL', hint: 'did you mean METALWRIGHT_LOG_LEVEL?' },
  ]);
});

it('refuses each thing that is wrong with path, line and what may have been meant', () => {
  expect(
    problemsOf('logLevel: info\ndataDir: /x\nlisteners:\n  boot:\n    prot: 80\n    port: x\n'),
  ).toEqual([
    expect.objectContaining({
      path: 'listeners.boot.port',
      message: expect.stringMatching(/^listeners\.boot\.port \(line 6\): .*number/),
    }),
    expect.objectContaining({
      message: 'There is no setting listeners.boot.prot (line 5)',
      hint: 'did you mean port?',
    }),
    expect.objectContaining({ message: 'There is no setting dataDir (line 2)' }),
  ]);
  expect(problemsOf('', { METALWRIGHT_BOOT_PORT: 'http' })).toEqual([
    expect.objectContaining({
      message: expect.stringContaining('listeners.boot.port (METALWRIGHT_BOOT_PORT)'),
    }),
  ]);
  expect(problemsOf('a: [')).toEqual([
    expect.objectContaining({ message: expect.stringContaining('line 1') }),
  ]);
  expect(problemsOf('- a\n')).toHaveLength(1);
});

it('has the JSON Schema in docs/config.schema.json: metalwright config schema > docs/config.schema.json', async () => {
  const file = await readFile(`${import.meta.dirname}/../docs/config.schema.json`, 'utf8');
  expect(JSON.parse(file)).toEqual(configJsonSchema());
  expect((await runHere(['config', 'schema'])).out).toBe(file);
  for (const { path, description } of listSettings())
    if (!path.includes('ports')) expect(description, path.join('.')).not.toBe('');
  expect(Config.parse({})).toBeDefined();
});

it('says at the command line what is wrong with a file, and which values there are', async () => {
  const wrong = await runHere(['config', 'check', '/nowhere/metalwright.yaml']);
  expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('[cli.file]') });
  const shown = await runHere(['config', 'show', '--json']);
  expect(JSON.parse(shown.out)).toContainEqual(
    expect.objectContaining({ setting: 'listeners.console.port', value: 7400, from: 'default' }),
  );
});

it('needs for an OpenID provider what it cannot do without, and takes no plain HTTP', () => {
  const wrong = (oidc: object) => problemsOf(JSON.stringify({ oidc }));
  const right = {
    issuer: 'https://login.example/realms/corp',
    clientId: 'metalwright',
    consoleUrl: 'https://deploy.example:7400',
    defaultRole: 'auditor',
  };
  expect(wrong(right)).toEqual([]);
  const paths = (oidc: object) => {
    const problems = wrong({ ...right, ...oidc });
    return Array.isArray(problems) ? problems.map(({ path }: { path: string }) => path) : problems;
  };
  expect(paths({ issuer: 'http://login.example' })).toEqual(['oidc.issuer']);
  expect(paths({ issuer: 'http://127.0.0.1:8080' })).toEqual(['oidc.issuer']);
  expect(paths({ issuer: 'https://ann:pw@login.example' })).toEqual(['oidc.issuer']);
  expect(paths({ clientId: null, consoleUrl: null })).toEqual(['oidc.clientId', 'oidc.consoleUrl']);
  expect(paths({ consoleUrl: 'https://deploy.example/mw' })).toEqual(['oidc.consoleUrl']);
  expect(paths({ clientSecret: 'a', clientSecretFile: 'b' })).toEqual(['oidc.clientSecretFile']);
  expect(paths({ defaultRole: null })).toEqual(['oidc.roles']);
  expect(paths({ algorithms: ['HS256'] })).toEqual(['oidc.algorithms.0']);
  expect(paths({ algorithms: ['none'] })).toEqual(['oidc.algorithms.0']);
  const { config } = readConfig(JSON.stringify({ oidc: right }), {
    METALWRIGHT_OIDC__ROLES__OPERATOR: 'bench, night-shift',
    METALWRIGHT_OIDC__CLIENT_SECRET: 'of the environment',
  });
  expect(config.oidc).toMatchObject({
    roles: { operator: ['bench', 'night-shift'] },
    clientSecret: 'of the environment',
  });
});
