import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parsePacket } from '../../dhcp/packet.ts';

const run = promisify(execFile);
const ip = (...argv: string[]) => run('/usr/sbin/ip', argv);

/** Two network namespaces on one wire: `eth0` of the server's has 10.79.0.1, `eth0` of the client's nothing. */
export interface BootWire extends AsyncDisposable {
  /** Namespace for the server. */
  readonly server: string;
  /** Asks for a network boot as firmware does. @returns milliseconds to the offer; undefined for none */
  ask(): Promise<number | undefined>;
}

/** Makes them; needs root. */
export async function openBootWire(): Promise<BootWire> {
  const [server, client] = [`mwf${process.pid}s`, `mwf${process.pid}c`];
  const packet = (
    await readFile(new URL('../../dhcp/testdata/ovmf-discover.hex', import.meta.url), 'utf8')
  ).trim();
  const wire: BootWire = {
    server,
    async ask() {
      const settings = {
        device: 'eth0',
        port: 68,
        to: { address: '255.255.255.255', port: 67 },
        packets: [packet],
      };
      const program = fileURLToPath(
        new URL('../../netboot/pxe-client-process.ts', import.meta.url),
      );
      const child = spawn(
        '/usr/sbin/ip',
        [
          'netns',
          'exec',
          client,
          process.execPath,
          '--no-warnings',
          program,
          JSON.stringify(settings),
        ],
        { stdio: ['pipe', 'pipe', 'inherit'] },
      );
      const startedMs = performance.now();
      try {
        return (await firstOffer(child)) ? performance.now() - startedMs : undefined;
      } finally {
        child.kill();
      }
    },
    async [Symbol.asyncDispose]() {
      for (const space of [server, client]) await ip('netns', 'delete', space).catch(() => {});
    },
  };
  try {
    for (const space of [server, client]) {
      await ip('netns', 'add', space);
      await ip('-n', space, 'link', 'set', 'lo', 'up');
    }
    const ends = ['type', 'veth', 'peer', 'name', 'eth0', 'netns', client];
    await ip('link', 'add', 'eth0', 'netns', server, ...ends);
    await ip('-n', server, 'addr', 'add', '10.79.0.1/24', 'dev', 'eth0');
    for (const space of [server, client]) await ip('-n', space, 'link', 'set', 'eth0', 'up');
  } catch (error) {
    await wire[Symbol.asyncDispose]();
    throw error;
  }
  return wire;
}

/** Whether an answer of the server comes within ten seconds. */
async function firstOffer(child: ChildProcess): Promise<boolean> {
  if (child.stdout === null) return false;
  const timer = setTimeout(() => child.kill(), 10_000);
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const { from, hex } = JSON.parse(line) as { from: string; hex: string };
      if (from === '10.79.0.1' && parsePacket(Buffer.from(hex, 'hex')).op === 'reply') return true;
    }
    return false;
  } finally {
    clearTimeout(timer);
  }
}
