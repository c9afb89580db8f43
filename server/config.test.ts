import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadConfig } from './config.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'metalwright-config-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

it('has a default for everything', async () => {
  expect(await loadConfig(undefined, {})).toMatchObject({
    dataDirectory: '/var/lib/metalwright',
    bootImageDirectory: null,
    listeners: { boot: { port: 7480 }, agents: { port: 7443 }, console: { port: 7400 } },
    netboot: { enabled: true },
    logLevel: 'info',
  });
});

it('takes the file, and the environment before it', async () => {
  const file = join(directory, 'metalwright.yaml');
  await writeFile(file, 'listeners:\n  boot: { port: 80 }\n  agents: { host: 10.0.5.1 }\n');
  const environment = { METALWRIGHT_BOOT_PORT: '8080', METALWRIGHT_DATA: '/srv/mw' };
  expect(await loadConfig(file, environment)).toMatchObject({
    dataDirectory: '/srv/mw',
    listeners: { boot: { port: 8080 }, agents: { host: '10.0.5.1', port: 7443 } },
  });
});

it('refuses what it does not know, and what is no port', async () => {
  const file = join(directory, 'metalwright.yaml');
  await writeFile(file, 'dataDir: /x\n');
  await expect(loadConfig(file, {})).rejects.toThrow(/dataDir/);
  await expect(loadConfig(undefined, { METALWRIGHT_BOOT_PORT: 'http' })).rejects.toThrow(/port/);
});
