/** `metalwright-agent stage`: puts prestaged media on a disk, at a staging centre where no server is. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { AgentError } from '../agent-error.ts';
import { stageDisk, stageTarget } from '../platform/linux/stage-disk.ts';

export const usage = `metalwright-agent stage <file.wim> --disk <device> [options]

Erases a disk and puts prestaged media on it, which metalwright media create prestaged made: the machine that the disk
is in then starts from it, finds the server, and goes on with what is deployed to it.

  --disk <device>   the whole disk, /dev/sdb
  --yes             erase it; without it the disk is shown, and nothing is done
  --key <file>      public key of the site (boot.pub of the server's data): who signed the media is looked at by it.
                    In Linux PE of the site it is known
`;

/** Of Linux PE. */
const KNOWN_KEY = '/etc/metalwright/boot.pub';

/** Runs it; what it says goes to `print`. @returns the exit code @throws {AgentError} `agent.usage`, {StepError} `stage.*`, `disk.*` */
export async function runStageCommand(
  argv: readonly string[],
  print: (text: string) => Promise<void>,
  signal: AbortSignal,
): Promise<number> {
  const { wim, disk, yes, key } = readOptions(argv);
  const target = await stageTarget(disk, signal);
  if (!yes) {
    await print(`${target.described}\nEverything on it is erased with --yes. Nothing was done.\n`);
    return 1;
  }
  const publicKey = await readKey(key);
  const said: Promise<void>[] = [];
  const show = (text: string): void => {
    said.push(print(`${text}\n`));
  };
  if (publicKey === undefined)
    show('No key of the site is known (--key): hashes are looked at, and not who signed them');
  const folder = await mkdtemp(join(tmpdir(), 'metalwright-stage-'));
  try {
    const { label, id } = await stageDisk({ wim, publicKey, folder, show }, target, signal);
    show(`"${label}" (${id}) is on ${disk}, read back and whole: switch the machine off`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  await Promise.all(said);
  return 0;
}

async function readKey(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return readFile(KNOWN_KEY, 'utf8').catch(() => undefined);
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw new AgentError(
      'agent.usage',
      `The key cannot be read: ${String(error)}`,
      usage.trimEnd(),
    );
  });
}

function readOptions(argv: readonly string[]) {
  const wrong = (reason: string): AgentError =>
    new AgentError('agent.usage', reason, usage.trimEnd());
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: { disk: { type: 'string' }, key: { type: 'string' }, yes: { type: 'boolean' } },
    });
    const [wim, more] = positionals;
    if (wim === undefined || more !== undefined) throw new Error('one WIM is to be named');
    if (values.disk === undefined) throw new Error('--disk is missing');
    return { wim, disk: values.disk, yes: values.yes === true, key: values.key };
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error));
  }
}
