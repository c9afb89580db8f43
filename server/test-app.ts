import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'winston';
import type { MachineIdentity } from '#agent/protocol/identity.ts';
import { type App, startApp } from './app.ts';
import { Config } from './config.ts';
import { createTestAgent, type TestAgent } from './http/routes/agent/test-agent.ts';
import { createLog } from './log.ts';

/** A whole server on loopback, on free ports, in a directory of its own; for tests. */
export interface TestApp extends AsyncDisposable {
  readonly app: App;
  readonly directory: string;
  readonly ca: string;
  /** Moved by tests; milliseconds. */
  readonly clock: { nowMs: number };
  agent(facts?: Partial<MachineIdentity>): TestAgent;
  /** Closes the server and starts it again on the same data, as after a kill; `meanwhile` while it is closed. */
  restart(meanwhile?: () => Promise<void>): Promise<void>;
}

export async function openTestApp(
  options: {
    readonly bootImageDirectory?: string;
    /** Instead of one that tells errors on stderr. */
    readonly log?: Logger;
    /** Settings beside those of a test. */
    readonly settings?: Readonly<Record<string, unknown>>;
  } = {},
): Promise<TestApp> {
  const directory = await mkdtemp(join(tmpdir(), 'metalwright-app-'));
  const here = { host: '127.0.0.1', port: 0 };
  const config = Config.parse({
    dataDirectory: join(directory, 'data'),
    bootImageDirectory: options.bootImageDirectory ?? null,
    listeners: { boot: here, agents: here, console: here },
    netboot: { enabled: false },
    // Tests deliver when they mean to.
    webhooks: { deliver: false },
    ...options.settings,
  });
  const log = options.log ?? createLog('error');
  const clock = { nowMs: 1_800_000_000_000 };
  const start = () => startApp(config, { log, nowMs: () => clock.nowMs });
  let app = await start();
  const ca = await readFile(join(config.dataDirectory, 'site-ca.pem'), 'utf8');
  return {
    get app() {
      return app;
    },
    directory,
    ca,
    clock,
    agent: (facts) => createTestAgent(app.addresses.agents, ca, facts),
    async restart(meanwhile) {
      await app.close();
      await meanwhile?.();
      app = await start();
    },
    async [Symbol.asyncDispose]() {
      await app.close();
      log.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
