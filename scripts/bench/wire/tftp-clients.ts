import { z } from 'zod';
import { runCommand } from '../../lab/child.ts';
import { inNamespace, SERVER_ADDRESS } from '../../lab/namespace.ts';
import type { MeasuredServer } from './peers.ts';

const Result = z.object({
  seconds: z.number(),
  bytes: z.number(),
  /** Blocks with other bytes than the file has, and files of another length. */
  wrong: z.int(),
  failed: z.int(),
  finished: z.int(),
  repeats: z.int(),
  /** Longest time in which one client heard nothing. */
  longestGapMs: z.number(),
  longestTransferMs: z.number(),
});
type Result = z.infer<typeof Result>;

/** What is fetched, and how. */
export interface Fetch {
  readonly name: string;
  /** The same file, to compare with. */
  readonly path: string;
  readonly blockSize: number;
  readonly windowSize: number;
  readonly clients?: number;
  /** Of each client, one after the other. */
  readonly transfers?: number;
  /** Packets lost, and packets swapped with the next one, each way; out of a thousand. */
  readonly lossPermille?: number;
  readonly timeoutMs?: number;
}
/** What one run of the clients gave. */
export interface Fetched extends Result {
  readonly mbPerSecond: number;
  readonly cpuPerGb: number;
}

/** Fetches from a server at a port, from another network namespace than the server's. */
export async function fetchByTftp(
  client: { readonly program: string; readonly namespace: string },
  server: MeasuredServer & { readonly port: number },
  fetch: Fetch,
): Promise<Fetched> {
  const { name, path, blockSize, windowSize, clients = 1, transfers = 1 } = fetch;
  const { lossPermille = 0, timeoutMs = 1000 } = fetch;
  const numbers = [blockSize, windowSize, clients, transfers, lossPermille, timeoutMs].map(String);
  const before = await server.meter.seconds();
  const out = await runCommand(
    inNamespace(client.namespace, [
      client.program,
      SERVER_ADDRESS,
      String(server.port),
      name,
      path,
      ...numbers,
    ]),
  );
  const result = Result.parse(JSON.parse(out));
  const cpu = (await server.meter.seconds()) - before;
  return {
    ...result,
    mbPerSecond: result.bytes / 1e6 / result.seconds,
    cpuPerGb: cpu / (result.bytes / 1e9),
  };
}
