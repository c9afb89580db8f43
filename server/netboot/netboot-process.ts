/**
 * The netboot worker in a process of its own, for tests that need it inside a network namespace: takes
 * its settings as JSON in the first argument, writes one JSON line for each report, and ends when its
 * standard input ends.
 */
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { z } from 'zod';
import { MacAddress } from '#agent/protocol/identity.ts';
import { PLAIN_WISH } from '#boot/chain.ts';
import type { Lease } from '../dhcp/bench/lease-table.ts';
import type { BenchPool } from '../dhcp/bench/pool.ts';
import { type LeaseStore, startNetboot } from './netboot.ts';
import type { BootFile } from './snapshot.ts';

const Settings = z.strictObject({
  answerOn: z.array(z.strictObject({ name: z.string(), address: z.string(), netmask: z.string() })),
  bootImages: z.array(z.string()),
  bootHttp: z.int().default(7480),
  files: z.record(z.string(), z.strictObject({ path: z.string(), sizeBytes: z.int() })).default({}),
  texts: z.record(z.string(), z.string()).default({}),
  excludedMacs: z.array(MacAddress).default([]),
  /** Pools of addresses, and the file that leases are kept in. */
  pools: z.array(z.custom<BenchPool>()).default([]),
  leaseFile: z.string().optional(),
});
const settings = Settings.parse(JSON.parse(process.argv[2] ?? '{}'));
const write = (line: unknown) => process.stdout.write(`${JSON.stringify(line)}\n`);

/** One line a write, synced; the last line about an address counts. */
function leaseStore(path: string): LeaseStore {
  const file = openSync(path, 'a+');
  process.once('exit', () => closeSync(file));
  return {
    all: async () => {
      const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
      const leases = lines.flatMap((line) => JSON.parse(line) as Lease[]);
      return [...new Map(leases.map((lease) => [lease.address, lease])).values()];
    },
    keep: async (leases) => {
      writeSync(file, `${JSON.stringify(leases)}\n`);
      fsyncSync(file);
    },
  };
}
const { leaseFile, pools } = settings;
const netboot = startNetboot({
  onReport: write,
  ...(leaseFile === undefined ? {} : { leases: leaseStore(leaseFile) }),
});
const files = new Map<string, BootFile>();
for (const [name, file] of Object.entries(settings.files)) {
  files.set(name, { kind: 'file', ...file });
}
for (const [name, text] of Object.entries(settings.texts)) {
  files.set(name, { kind: 'bytes', bytes: Buffer.from(text) });
}
netboot.publishFiles(files);
await netboot.publish({
  revision: 1,
  answerOn: settings.answerOn,
  unknown: { kind: 'boot', reason: 'Unknown machines are deployed.', wish: PLAIN_WISH },
  excludedMacs: new Set(settings.excludedMacs),
  sharedMacs: new Set(),
  bootImages: new Set(settings.bootImages),
  windows: { images: [], wimboot: false, signers: new Map() },
  ports: { bootHttp: settings.bootHttp },
  ...(pools.length === 0 ? {} : { bench: { pools, reservations: [] } }),
});
write({ kind: 'ready' });
process.stdin.on('end', () => void netboot.close()).resume();
