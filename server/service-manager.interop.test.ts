import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

/** The part of systemd: a UNIX datagram socket, and the process that each word came from (SCM_CREDENTIALS). */
const LISTENER = `
import socket, struct, sys
name = sys.argv[1]
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
s.bind('\\0' + name[1:] if name.startswith('@') else name)
print('listening', flush=True)
while True:
    data, extra, _, _ = s.recvmsg(4096, socket.CMSG_SPACE(12))
    pid = struct.unpack('3i', extra[0][2])[0]
    print(pid, data.decode().replace('\\n', ' '), flush=True)
`;
const missing =
  spawnSync('python3', ['--version']).status !== 0 && process.env['REQUIRE_PEERS'] !== '1';
const root = join(import.meta.dirname, '..');

describe.skipIf(missing)('the server under systemd (needs python3 for its part)', () => {
  let directory: string;
  const started: ChildProcess[] = [];
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'metalwright-notify-'));
    const here = '{ host: 127.0.0.1, port: 0 }';
    await writeFile(
      join(directory, 'metalwright.yaml'),
      `listeners: { boot: ${here}, agents: ${here}, console: ${here} }\nnetboot: { enabled: false }\n`,
    );
  });
  afterAll(async () => {
    for (const child of started) child.kill('SIGKILL');
    await rm(directory, { recursive: true, force: true });
  });
  const start = (command: string, args: readonly string[], environment: object = {}) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...environment },
    });
    started.push(child);
    return child;
  };
  const linesOf = (child: ReturnType<typeof start>) => {
    const lines: string[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
    return lines;
  };

  it.each([
    { name: 'a path', address: () => join(directory, 'notify') },
    { name: 'an abstract socket', address: () => `@metalwright-test-${process.pid}` },
  ])(
    'is told when it is ready, that it lives, and that it stops, by $name',
    async ({ address }) => {
      const manager = linesOf(start('python3', ['-c', LISTENER, address()]));
      const wait = { timeout: 50_000, interval: 50 };
      await vi.waitFor(() => expect(manager).toContain('listening'), wait);
      const server = start(
        join(root, 'scripts/metalwright'),
        [
          'serve',
          '--config',
          join(directory, 'metalwright.yaml'),
          '--data',
          join(directory, 'data'),
        ],
        { NOTIFY_SOCKET: address(), WATCHDOG_USEC: '400000' },
      );
      const said = linesOf(server);
      // Of the process itself: no other is believed (NotifyAccess=main).
      const { pid } = server;
      await vi.waitFor(
        () => expect(manager[1]).toMatch(new RegExp(`^${pid} READY=1 STATUS=.*`)),
        wait,
      );
      expect(said.join('\n')).toContain('https://');
      const alive = () => manager.filter((line) => line === `${pid} WATCHDOG=1`).length;
      await vi.waitFor(() => expect(alive()).toBeGreaterThan(2), wait);
      server.kill('SIGTERM');
      await once(server, 'exit');
      await vi.waitFor(
        () => expect(manager.at(-1)).toBe(`${pid} STOPPING=1 STATUS=stopping`),
        wait,
      );
    },
    120_000,
  );
});
