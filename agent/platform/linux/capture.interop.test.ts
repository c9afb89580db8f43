import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exclusionsFor } from '../../steps/capture-exclusions.ts';
import {
  captured,
  type Fixture,
  fixture,
  image,
  imagesOf,
  MIB,
  missing,
  put,
  putLinux,
  signal,
  tree,
} from './capture.testing.ts';
import { linuxGeneralize } from './generalize.ts';

describe.skipIf(missing !== undefined)('M44 capturing in Linux PE', () => {
  let linux: Fixture;
  beforeAll(async () => {
    linux = await fixture('ext4', 'ntfs');
    await linux.inside(0, putLinux);
    await linux.inside(1, (root) => {
      put(root, 'Data/report.txt', 'data');
      put(root, 'pagefile.sys', 'page');
      put(root, 'System Volume Information/tracking.log', 'x');
    });
  }, 60_000);
  afterAll(async () => linux[Symbol.asyncDispose]());

  it('sees a Linux that is still one machine, and one that was prepared', async () => {
    const { capture, volumes, inside, disk } = linux;
    const [root] = volumes;
    const before = await capture.inspect(root?.volume ?? '', signal);
    expect(before).toMatchObject({
      problem: null,
      system: {
        kind: 'linux',
        architecture: 'x64',
        name: 'Debian GNU/Linux 12 (bookworm)',
        identity: [
          '/etc/machine-id',
          '/etc/ssh/ssh_host_ed25519_key',
          '/etc/ssh/ssh_host_ed25519_key.pub',
        ],
        swapFiles: ['/data/swap'],
      },
    });
    const generalize = linuxGeneralize(async (until) => disk.mount(root?.volume ?? '', until));
    for (let times = 0; times < 2; times += 1)
      for await (const _ of generalize.generalize({ keepActivation: false }, signal));
    await generalize.forgetClient({ uninstall: false }, signal);
    const after = await capture.inspect(root?.volume ?? '', signal);
    expect(after.system).toMatchObject({ identity: [] });
    await inside(0, (path) => {
      expect(readFileSync(join(path, 'etc/machine-id'), 'utf8')).toBe('');
      expect(readdirSync(join(path, 'etc/ssh'))).toEqual(['sshd_config']);
      // Debian makes none at a start: this does.
      expect(
        readFileSync(join(path, 'etc/systemd/system/metalwright-ssh-host-keys.service'), 'utf8'),
      ).toContain('ssh-keygen -A');
      expect(readdirSync(join(path, 'var/lib/dhcp'))).toEqual([]);
      expect(readdirSync(join(path, 'var/log')).sort()).toEqual(['journal', 'syslog']);
      expect(readFileSync(join(path, 'var/log/syslog'), 'utf8')).toBe('');
      expect(readdirSync(join(path, 'var/cache'))).toEqual([]);
      expect(readFileSync(join(path, 'data/kept.txt'), 'utf8')).toBe('Grüße\n');
    });
  });

  it('makes one image a volume, with all that ext4 keeps, and without what is no part of it', async () => {
    const { capture, volumes, folder, inside } = linux;
    const [root, data] = volumes;
    const { system } = await capture.inspect(root?.volume ?? '', signal);
    const file = join(folder, 'out', 'reference.wim');
    mkdirSync(dirname(file));
    writeFileSync(file, 'an older one');
    const exclude = exclusionsFor(system, []);
    const properties = {
      'METALWRIGHT/KIND': 'linux',
      'METALWRIGHT/ARCHITECTURE': 'x64',
      'METALWRIGHT/VERSION': '1 & <2>',
    };
    const { seen, sizeBytes } = await captured(linux, file, [
      image(root?.volume ?? '', {
        system,
        name: 'reference',
        description: 'of "tests"',
        properties,
        exclude,
      }),
      image(data?.volume ?? '', { name: 'data', exclude: exclusionsFor(null, []) }),
    ]);
    expect(seen.some(({ detail }) => detail === 'Capturing reference')).toBe(true);
    expect(readFileSync(file).length).toBe(sizeBytes);
    expect(readdirSync(dirname(file))).toEqual(['reference.wim']);
    expect(await imagesOf(file)).toMatchObject([
      { index: 1, name: 'reference', kind: 'linux', architecture: 'x64' },
      { index: 2, name: 'data', kind: 'data' },
    ]);
    const xml = execFileSync('wimlib-imagex', ['info', file, '--xml'], { encoding: 'utf16le' });
    expect(xml).toContain('<VERSION>1 &amp; &lt;2&gt;</VERSION>');

    const applied = join(folder, 'applied');
    execFileSync('wimlib-imagex', ['apply', file, '1', applied, '--unix-data'], {
      stdio: 'ignore',
    });
    const gone = [
      'data/swap',
      'etc/metalwright',
      'etc/metalwright/agent.env',
      'lost+found',
      'opt/metalwright',
      'opt/metalwright/agent',
      'tmp/left',
    ];
    await inside(0, (path) => {
      const wanted = tree(path);
      for (const name of gone) {
        expect(wanted, name).toHaveProperty([name]);
        delete wanted[name];
      }
      expect(tree(applied)).toEqual(wanted);
    });
    const files = execFileSync('wimlib-imagex', ['dir', file, '2'], { encoding: 'utf8' });
    expect(files.split('\n').filter(Boolean).sort()).toEqual(['/', '/Data', '/Data/report.txt']);
  });

  it('captures to the volume that it captures, where that is ext4', async () => {
    const { volumes, inside } = linux;
    const volume = volumes[0]?.volume ?? '';
    await inside(0, async (path) => {
      const file = join(path, 'images/own.wim');
      mkdirSync(dirname(file));
      await captured(
        linux,
        file,
        [image(volume, { exclude: ['/images/own.wim', '/images/own.wim.new'] })],
        volume,
      );
      const listed = execFileSync('wimlib-imagex', ['dir', file, '1'], { encoding: 'utf8' });
      expect(listed).toContain('/images\n');
      expect(listed).not.toContain('own.wim');
      rmSync(join(path, 'images'), { recursive: true });
    });
    const ntfs = volumes[1]?.volume ?? '';
    await inside(1, async (path) => {
      await expect(
        captured(linux, join(path, 'own.wim'), [image(ntfs)], ntfs),
      ).rejects.toMatchObject({
        code: 'capture.destination',
      });
    });
  });

  it('says that the disk is full, and leaves what was there', async () => {
    const { volumes, folder, inside } = linux;
    await inside(0, (path) => {
      const bytes = Buffer.alloc(6 * MIB);
      for (let at = 0, state = 1; at < bytes.length; at += 1)
        bytes[at] = (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 24;
      put(path, 'noise', bytes);
    });
    const small = join(folder, 'small');
    mkdirSync(small);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', small]);
    try {
      const file = join(small, 'a.wim');
      writeFileSync(file, 'an older one');
      await expect(captured(linux, file, [image(volumes[0]?.volume ?? '')])).rejects.toMatchObject({
        code: 'capture.no-space',
      });
      expect(readdirSync(small)).toEqual(['a.wim']);
      expect(readFileSync(file, 'utf8')).toBe('an older one');
    } finally {
      execFileSync('umount', [small]);
    }
  });
});
