import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { runCommand } from '../lab/child.ts';
import { inNamespace, openNetwork } from '../lab/namespace.ts';
import { madeImage } from './apply/made-image.ts';
import { atLeast, type Benchmark, checked, type Figure, told } from './benchmark.ts';
import { median } from './medians.ts';

const ROUNDS = Number(process.env['METALWRIGHT_BENCH_ROUNDS'] ?? 5);
const TIMEOUT_MS = 1_200_000;

const Measured = z.object({
  /** Of each round, from the empty partition to the synced volume. */
  seconds: z.record(z.enum(['ours', 'curl', 'file']), z.array(z.number())),
  /** Ours reads the volume back after that, which the others do not. */
  readBackSeconds: z.array(z.number()),
  differences: z.array(z.string()),
});

/** The agent's way of an image from HTTPS onto NTFS, beside a pipe of curl and a file that is there already. */
export const apply: Benchmark = {
  name: 'apply',
  title:
    'an LZX image from HTTPS onto NTFS by the agent, beside curl | wimlib-imagex and a local file',
  run: async () => {
    const image = await madeImage();
    await using network = await openNetwork();
    const directory = await mkdtemp(join(tmpdir(), 'metalwright-bench-apply-'));
    try {
      const settings = JSON.stringify({ directory, image, rounds: ROUNDS });
      const child = join(import.meta.dirname, 'apply/apply-child.ts');
      const argv = inNamespace(network.site, [process.execPath, child, settings]);
      const printed = await runCommand(argv, { timeoutMs: TIMEOUT_MS });
      return figuresOf(Measured.parse(JSON.parse(printed)), image.totalBytes);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  },
};

function figuresOf(
  { seconds, readBackSeconds, differences }: z.output<typeof Measured>,
  bytes: number,
): Figure[] {
  const speed = (name: keyof typeof seconds) => bytes / 1e6 / median(seconds[name]);
  return [
    told('image, as its files are', bytes / 1e6, 'MB'),
    told('the agent, HTTPS, each chunk verified', speed('ours'), 'MB/s'),
    told('curl | wimlib-imagex apply, HTTPS, nothing verified', speed('curl'), 'MB/s'),
    told('wimlib-imagex apply of a local file', speed('file'), 'MB/s'),
    atLeast('the agent, of curl | wimlib-imagex', speed('ours') / speed('curl'), 1, 'x'),
    atLeast('the agent, of a local file', speed('ours') / speed('file'), 0.85, 'x'),
    told('then the agent reads the volume back, in', median(readBackSeconds), 's'),
    checked(
      'each volume has each byte of what was captured',
      differences.length === 0,
      differences.join('; ') || 'no difference',
    ),
  ];
}
