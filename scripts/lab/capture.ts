import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Child, startChild } from './child.ts';
import { BRIDGE } from './namespace.ts';
import { parsePcap } from './pcap.ts';
import { waitFor } from './wait.ts';
import { readFrame, type WireEvent } from './wire-summary.ts';

/** A packet capture on the bench's switch, from before the first power-on to the end of the scenario. */
export interface Capture extends AsyncDisposable {
  readonly file: string;
  /** What was on the wire up to now, in order. */
  events(): Promise<(WireEvent & { readonly atSeconds: number })[]>;
}

/**
 * DHCP, the openings of TFTP transfers and of TCP connections. TFTP DATA and ACK (opcodes 3 and 4 in
 * the first two bytes of the payload) stay out: 60 MB for each boot, and the server counts them.
 */
const FILTER =
  '(udp and not (udp[8:2] = 3 or udp[8:2] = 4)) or (tcp[tcpflags] & (tcp-syn|tcp-ack) = tcp-syn)';

/** Starts tcpdump in the namespace this process is in, and waits until it listens. */
export async function startCapture(directory: string, signal: AbortSignal): Promise<Capture> {
  const file = join(directory, 'wire.pcap');
  const logFile = join(directory, 'tcpdump.log');
  const child: Child = await startChild(
    [
      'tcpdump',
      '-i',
      BRIDGE,
      '--immediate-mode',
      '-U',
      '-Z',
      'root',
      '-s',
      '0',
      '-w',
      file,
      FILTER,
    ],
    { logFile },
  );
  await waitFor(
    'tcpdump listens',
    () => (child.tail().includes('listening on') ? true : undefined),
    {
      timeoutMs: 10_000,
      signal,
    },
  );
  return {
    file,
    async events() {
      const frames = parsePcap(await readFile(file));
      return frames.flatMap(({ atSeconds, bytes }) => {
        const event = readFrame(bytes);
        return event === undefined ? [] : [{ atSeconds, ...event }];
      });
    },
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}
