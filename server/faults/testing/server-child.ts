/**
 * A server in a process of its own, for tests that kill it or take its disk or database away. Its one
 * argument is JSON of `ChildSettings`. Its listeners are on free ports of loopback, and reached over sockets
 * in a folder, `agents` and `console`: so their addresses stay the same when it is started again, and it may
 * be in a network namespace of its own.
 */
import { rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { startApp } from '../../app.ts';
import { Config } from '../../config.ts';
import { createLog } from '../../log.ts';

const ChildSettings = z.object({
  dataDirectory: z.string(),
  databaseUrl: z.string().nullable(),
  /** Boot images to offer; null: network boots are not answered. */
  bootImages: z.string().nullable(),
  /** Folder of the sockets. */
  sockets: z.string(),
});
const settings = ChildSettings.parse(JSON.parse(process.argv[2] ?? '{}'));
const here = { host: '127.0.0.1', port: 0 };
const app = await startApp(
  Config.parse({
    dataDirectory: settings.dataDirectory,
    database: { url: settings.databaseUrl },
    listeners: { boot: here, agents: here, console: here },
    bootImageDirectory: settings.bootImages,
    netboot: { enabled: settings.bootImages !== null },
    webhooks: { deliver: false },
  }),
  { log: createLog('error') },
);
void app.ended.then((error) => {
  process.stderr.write(`ended: ${error.message}\n`);
  process.exit(3);
});
for (const name of ['agents', 'console'] as const) {
  const { hostname, port } = new URL(app.addresses[name]);
  const path = join(settings.sockets, name);
  await rm(path, { force: true });
  const server = createServer((from) => {
    const to = connect({ host: hostname, port: Number(port) });
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const)
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
    from.pipe(to).pipe(from);
  });
  await new Promise<void>((resolve) => {
    server.listen(path, resolve);
  });
}
process.send?.('ready');
process.on('message', () => void app.close().then(() => process.exit(0)));
