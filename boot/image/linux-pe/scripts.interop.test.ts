import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);

/** A tool's answer, or null when it is not installed; missing tools fail where REQUIRE_PEERS=1. */
async function probe(command: string, args: string[]): Promise<string | null> {
  try {
    return (await run(command, args)).stdout;
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!missing || process.env['REQUIRE_PEERS'] === '1') throw error;
    return null;
  }
}

const shellcheck = await probe('shellcheck', ['--version']);
const busybox = await probe('busybox', ['--help']);
const scripts = (await readdir(import.meta.dirname)).filter((name) => name.endsWith('.sh'));

describe('scripts of Linux PE', () => {
  it.skipIf(shellcheck === null).each(scripts)('%s passes shellcheck', async (name) => {
    // SC1091: scripts are sourced by the paths they have in the image; SC2013: words, not lines, are
    // meant; SC2154: udhcpc hands its variables over in the environment.
    const args = ['--exclude=SC1091,SC2013,SC2154', join(import.meta.dirname, name)];
    await expect(run('shellcheck', args)).resolves.toMatchObject({ stdout: '' });
  });

  it.skipIf(busybox === null).each(scripts)('%s is understood by busybox', async (name) => {
    await expect(
      run('busybox', ['ash', '-n', join(import.meta.dirname, name)]),
    ).resolves.toMatchObject({ stderr: '' });
  });
});

describe.skipIf(busybox === null)('unclaimed_devices', () => {
  it('lists storage and network devices without a driver, and nothing else', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'unclaimed-'));
    const device = async (slot: string, pciClass: string, driver: boolean) => {
      const path = join(directory, slot);
      await run('mkdir', ['-p', path]);
      await writeFile(join(path, 'class'), `${pciClass}\n`);
      await writeFile(join(path, 'vendor'), '0x8086\n');
      await writeFile(join(path, 'device'), '0x15f3\n');
      if (driver) await writeFile(join(path, 'driver'), '');
    };
    await device('0000:00:01.0', '0x020000', false);
    await device('0000:00:02.0', '0x020000', true);
    await device('0000:00:03.0', '0x030000', false);
    await device('0000:00:04.0', '0x010400', false);
    const source = await readFile(join(import.meta.dirname, 'coldplug.sh'), 'utf8');
    const script = `${source.replaceAll('/sys/bus/pci/devices', directory)}\nunclaimed_devices`;
    const { stdout } = await run('busybox', ['ash', '-c', script]);
    await rm(directory, { recursive: true });
    expect(stdout).toBe('8086 15f3 010400\n8086 15f3 020000\n');
  });
});
