import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { checkPorts } from './ports.ts';

it('names the process that has a port, by a socket of this one', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;

  const [finding] = await checkPorts([{ protocol: 'tcp', port, purpose: 'a test' }]);

  expect(finding?.level).toBe('problem');
  expect(finding?.message).toContain(`TCP ${port} (a test) is in use on 127.0.0.1`);
  expect(finding?.message).toContain(`(pid ${process.pid})`);
  expect(finding?.hint).toMatch(/stop that service/);
});

it('says that a port is free', async () => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  await new Promise<void>((done) => void socket.close(() => done()));

  const findings = await checkPorts([{ protocol: 'udp', port, purpose: 'a test' }]);

  expect(findings).toEqual([
    { level: 'ok', code: 'doctor.port', message: `UDP ${port} (a test) is free` },
  ]);
});
