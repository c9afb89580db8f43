import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { access, chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parsePacket } from '#server/dhcp/packet.ts';

/** The unit held against systemd's own checks, and its capabilities against the real server. */
const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
const required = process.env['REQUIRE_PEERS'] === '1';
const has = async (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );
const hasSystemd = await has('/usr/bin/systemd-analyze');
const isRoot = process.getuid?.() === 0;
const unit = (await run(join(root, 'scripts/install-service'), ['--print'])).stdout;

describe.skipIf(!required && !hasSystemd)('the unit (needs systemd-analyze)', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'metalwright-unit-'));
    await writeFile(join(folder, 'metalwright.service'), unit);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('is one that systemd takes without a word', async () => {
    const checked = await run('systemd-analyze', [
      'verify',
      '--man=no',
      join(folder, 'metalwright.service'),
    ]);
    expect(checked.stderr.split('\n').filter((line) => line.includes('metalwright'))).toEqual([]);
  });

  it('leaves little to an attacker: exposure of at most 3 of 10', async () => {
    await run('systemd-analyze', [
      'security',
      '--offline=true',
      '--threshold=30',
      join(folder, 'metalwright.service'),
    ]);
  });
});

const net = (name: string) => `mws${process.pid}${name}`;
const ip = (...argv: string[]) => run('/usr/sbin/ip', argv);

describe.skipIf(!required && !isRoot)(
  'the server with the capabilities of the unit (needs root)',
  () => {
    let folder: string;
    let data: string;
    let server: ChildProcess;
    let said = '';
    const children: ChildProcess[] = [];

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'metalwright-service-'));
      await chmod(folder, 0o755);
      data = join(folder, 'data');
      await mkdir(data);
      await chown(data, 65_534, 65_534);
      const images = join(folder, 'images');
      await mkdir(images);
      for (const name of [
        'shimx64.efi',
        'grubx64.efi',
        'vmlinuz',
        'loader.img',
        'rest.squashfs',
        'manifest',
      ])
        await writeFile(join(images, name), `MZ ${name}`);
      for (const space of ['s', 'c']) {
        await ip('netns', 'add', net(space));
        await ip('-n', net(space), 'link', 'set', 'lo', 'up');
      }
      await ip(
        '-n',
        net('s'),
        'link',
        'add',
        'eth0',
        'type',
        'veth',
        'peer',
        'eth0',
        'netns',
        net('c'),
      );
      await ip('-n', net('s'), 'addr', 'add', '10.79.0.1/24', 'dev', 'eth0');
      await ip('-n', net('s'), 'link', 'set', 'eth0', 'up');
      await ip('-n', net('c'), 'link', 'set', 'eth0', 'up');
      const [, wanted = ''] = /^AmbientCapabilities=(.*)$/m.exec(unit) ?? [];
      const capabilities = `-all${wanted
        .split(' ')
        .map((name) => `,+${name.toLowerCase().replace('cap_', '')}`)
        .join('')}`;
      const drop = ['--reuid', '65534', '--regid', '65534', '--clear-groups', '--no-new-privs'];
      const keep = ['inh-caps', 'ambient-caps', 'bounding-set'].flatMap((set) => [
        `--${set}`,
        capabilities,
      ]);
      const serve = [
        join(root, 'scripts/metalwright'),
        'serve',
        '--data',
        data,
        '--boot-images',
        images,
      ];
      const answering = ['--answer-on', 'eth0', '--unknown', 'deploy'];
      server = spawn(
        '/usr/sbin/ip',
        ['netns', 'exec', net('s'), 'setpriv', ...drop, ...keep, ...serve, ...answering],
        { stdio: ['ignore', 'pipe', 'pipe'] },
      );
      for (const stream of [server.stdout, server.stderr])
        stream?.on('data', (part: Buffer) => {
          said += part.toString();
        });
      await vi.waitFor(() => expect(said).toContain('eth0'), { timeout: 60_000, interval: 100 });
    }, 90_000);

    afterAll(async () => {
      for (const child of children) child.stdin?.end();
      server.kill('SIGTERM');
      await new Promise((resolve) => server.once('exit', resolve));
      for (const child of children) child.kill();
      for (const space of ['s', 'c']) await ip('netns', 'del', net(space)).catch(() => undefined);
      await rm(folder, { recursive: true });
    }, 30_000);

    it('runs as another user with no capability more', async () => {
      const status = await readFile(`/proc/${server.pid}/status`, 'utf8');
      expect(status).toMatch(/^Uid:\s+65534/m);
      // CAP_NET_BIND_SERVICE is 10, CAP_NET_RAW 13.
      expect(status).toMatch(/^CapEff:\s+0{12}2400$/m);
      expect(status).toMatch(/^CapBnd:\s+0{12}2400$/m);
    });

    it('M50 answers DHCP on port 67 and serves by TFTP on port 69', async () => {
      const cli = (...argv: string[]) =>
        ip('netns', 'exec', net('s'), join(root, 'scripts/metalwright'), ...argv, '--data', data);
      const document = join(folder, 'say.yaml');
      await writeFile(
        document,
        'name: Say\nsteps:\n  - step: Say\n    type: set-variable\n    params: { name: A, value: b }\n',
      );
      await cli('sequence', 'add', document);
      const unknown = [
        '--collection',
        'All Unknown Computers',
        '--purpose',
        'required',
        '--yes-unknown',
      ];
      const scope = ['--subnet', '10.79.0.0/24', '--for', '1h', '--per-hour', '5'];
      await cli('deploy', 'Say', ...unknown, ...scope);
      const discover = (
        await readFile(join(root, 'server/dhcp/testdata/ovmf-discover.hex'), 'utf8')
      ).trim();
      const lines: string[] = [];
      const settings = { device: 'eth0', port: 68, to: { address: '255.255.255.255', port: 67 } };
      const client = () => {
        const child = spawn(
          '/usr/sbin/ip',
          [
            'netns',
            'exec',
            net('c'),
            process.execPath,
            '--no-warnings',
            join(root, 'server/netboot/pxe-client-process.ts'),
            JSON.stringify({ ...settings, packets: [discover] }),
          ],
          { stdio: ['pipe', 'pipe', 'ignore'] },
        );
        children.push(child);
        createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
      };
      await expect
        .poll(
          () => {
            if (children.length < 4) client();
            return lines.length;
          },
          { timeout: 40_000, interval: 4000 },
        )
        .toBeGreaterThan(0);
      const { from, hex } = JSON.parse(lines[0] ?? '{}');
      expect(from).toBe('10.79.0.1');
      expect(parsePacket(Buffer.from(hex, 'hex')).file).toBe('shimx64.efi');
      await ip('-n', net('c'), 'addr', 'add', '10.79.0.9/24', 'dev', 'eth0');
      const { stdout } = await run(
        '/usr/sbin/ip',
        ['netns', 'exec', net('c'), 'curl', '--silent', 'tftp://10.79.0.1/shimx64.efi'],
        { timeout: 20_000 },
      );
      expect(stdout).toBe('MZ shimx64.efi');
    }, 60_000);
  },
);
