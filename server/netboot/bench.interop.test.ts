import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { BenchPool } from '../dhcp/bench/pool.ts';

/**
 * The DHCP server of a bench and clients that others have written, in network namespaces of the test's
 * own: server (10.79.0.1), machines, and a relay with a network behind it hang on one bridge. Needs root.
 */
const run = promisify(execFile);
const required = process.env['REQUIRE_PEERS'] === '1';
const net = (name: string) => `mwb${process.pid}${name}`;
const spaces = ['s', 'd', 'a', 'b', 'r', 'f'] as const;
const skip = !required && process.getuid?.() !== 0;
const children: ChildProcess[] = [];
const patience = { timeout: 15_000, interval: 50 };
let folder: string;

const ip = (...argv: string[]) => run('/usr/sbin/ip', argv);
const inside = (space: string, ...argv: string[]) => ['netns', 'exec', net(space), ...argv];
const runIn = (space: string, ...argv: string[]) => run('/usr/sbin/ip', inside(space, ...argv));

function start(space: string, ...argv: string[]): { lines: string[]; child: ChildProcess } {
  const child = spawn('/usr/sbin/ip', inside(space, ...argv), {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  children.push(child);
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => lines.push(line));
  return { lines, child };
}

/** A cable from a namespace to a port of the switch. */
async function plug(space: string, bridge: string, mac: string, address?: string): Promise<void> {
  const port = `p${space}`;
  const peer = ['peer', 'name', port, 'netns', net('d')];
  const link = ['link', 'add', 'eth0', 'netns', net(space), 'address', mac, 'type', 'veth'];
  await ip(...link, ...peer);
  await ip('-n', net('d'), 'link', 'set', port, 'master', bridge, 'up');
  if (address !== undefined) await ip('-n', net(space), 'addr', 'add', address, 'dev', 'eth0');
  await ip('-n', net(space), 'link', 'set', 'eth0', 'up');
}

const near: BenchPool = {
  interfaceName: 'eth0',
  network: { address: '10.79.0.1', netmask: '255.255.255.0' },
  relayed: false,
  first: '10.79.0.50',
  last: '10.79.0.99',
  router: '10.79.0.254',
  dnsServers: ['10.79.0.1'],
  domain: 'bench.test',
  leaseSeconds: 120,
};
const far: BenchPool = {
  ...near,
  network: { address: '10.80.0.0', netmask: '255.255.255.0' },
  relayed: true,
  first: '10.80.0.50',
  last: '10.80.0.99',
  router: null,
};

let server: ReturnType<typeof start>;
const serve = async () => {
  server = start(
    's',
    process.execPath,
    '--no-warnings',
    fileURLToPath(new URL('./netboot-process.ts', import.meta.url)),
    JSON.stringify({
      answerOn: [{ name: 'eth0', address: '10.79.0.1', netmask: '255.255.255.0' }],
      bootImages: ['uefi-x64'],
      pools: [near, far],
      leaseFile: join(folder, 'leases'),
    }),
  );
  await vi.waitFor(() => expect(server.lines.join()).toContain('"state":"serving"'), patience);
};

/** udhcpc in a namespace, once: what its script was told. */
async function udhcpc(space: string, ...more: string[]): Promise<Record<string, string>> {
  const script = join(folder, 'udhcpc.sh');
  await writeFile(
    script,
    '#!/bin/sh\n[ "$1" = bound ] && echo "$ip $subnet $router $dns $domain $lease $serverid" >&2\nexit 0\n',
  );
  await chmod(script, 0o755);
  const options = ['-f', '-q', '-n', '-i', 'eth0', '-s', script, '-t', '5', '-T', '2', ...more];
  const { stderr } = await runIn(space, '/bin/busybox', 'udhcpc', ...options);
  const line = stderr.split('\n').find((one) => /^\d+\.\d+\.\d+\.\d+ 255/.test(one)) ?? stderr;
  const [address = '', mask = '', router = '', dns = '', domain = '', lease = '', by = ''] =
    line.split(' ');
  return { address, mask, router, dns, domain, lease, by };
}

describe.skipIf(skip)('M50 the DHCP server of a bench and clients of others (needs root)', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bench-dhcp-'));
    for (const space of spaces) await ip('netns', 'add', net(space));
    for (const space of spaces) await ip('-n', net(space), 'link', 'set', 'lo', 'up');
    for (const bridge of ['br0', 'br1']) {
      await ip('-n', net('d'), 'link', 'add', bridge, 'type', 'bridge');
      await ip('-n', net('d'), 'link', 'set', bridge, 'up');
    }
    await plug('s', 'br0', '02:79:00:00:00:01', '10.79.0.1/24');
    await plug('a', 'br0', '02:79:00:00:00:0a');
    await plug('b', 'br0', '02:79:00:00:00:0b');
    await plug('f', 'br1', '02:79:00:00:00:0f');
    await plug('r', 'br0', '02:79:00:00:00:52', '10.79.0.5/24');
    // The relay's other leg.
    const leg = ['link', 'add', 'eth1', 'netns', net('r'), 'type', 'veth'];
    await ip(...leg, 'peer', 'name', 'pr1', 'netns', net('d'));
    await ip('-n', net('d'), 'link', 'set', 'pr1', 'master', 'br1', 'up');
    await ip('-n', net('r'), 'addr', 'add', '10.80.0.1/24', 'dev', 'eth1');
    await ip('-n', net('r'), 'link', 'set', 'eth1', 'up');
    await runIn('r', '/usr/sbin/sysctl', '-qw', 'net.ipv4.ip_forward=1');
    await ip('-n', net('s'), 'route', 'add', '10.80.0.0/24', 'via', '10.79.0.5');
    await serve();
  }, 60_000);

  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    for (const space of spaces) await ip('netns', 'del', net(space)).catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  });

  it('gives busybox udhcpc an address and all that goes with it', async () => {
    expect(await udhcpc('a')).toEqual({
      address: '10.79.0.50',
      mask: '255.255.255.0',
      router: '10.79.0.254',
      dns: '10.79.0.1',
      domain: 'bench.test',
      lease: '120',
      by: '10.79.0.1',
    });
  }, 30_000);

  it('gives ISC dhclient one, renews it and takes it back', async () => {
    const files = ['-lf', join(folder, 'dhclient.leases'), '-pf', join(folder, 'dhclient.pid')];
    const script = join(folder, 'dhclient.sh');
    // It gives back from its address, so it needs to have it.
    await writeFile(
      script,
      '#!/bin/sh\n[ "$reason" = BOUND ] && ip addr add "$new_ip_address/24" dev eth0\n[ "$reason" = RELEASE ] && ip addr flush dev eth0\nexit 0\n',
    );
    await chmod(script, 0o755);
    const client = ['/usr/sbin/dhclient', '-v', '-1', '-sf', script, ...files, 'eth0'];
    const { stderr } = await runIn('b', ...client);
    const address = /bound to (\S+)/.exec(stderr)?.[1] ?? stderr;
    expect(address).toMatch(/^10\.79\.0\.5\d$/);
    expect(await readFile(join(folder, 'dhclient.leases'), 'utf8')).toContain(
      'option domain-name "bench.test"',
    );
    await runIn('b', '/usr/sbin/dhclient', '-r', '-sf', script, ...files, 'eth0');
    await vi.waitFor(async () => {
      const kept = await readFile(join(folder, 'leases'), 'utf8');
      expect(kept.trim().split('\n').at(-1)).toContain(`"${address}"`);
      expect(kept.trim().split('\n').at(-1)).toContain('"state":"released"');
    }, patience);
  }, 40_000);

  it('gives dhcpcd one', async () => {
    const { stderr, stdout } = await runIn(
      'b',
      '/usr/sbin/dhcpcd',
      '--oneshot',
      '--ipv4only',
      '--noipv4ll',
      '--noarp',
      '--timeout',
      '10',
      '--debug',
      '--script',
      '/bin/true',
      'eth0',
    );
    expect(stderr + stdout).toMatch(/leased 10\.79\.0\.\d+ for 120 seconds/);
  }, 40_000);

  it('gives a machine behind a relay an address of its own network', async () => {
    const dnsmasq = start(
      'r',
      '/usr/sbin/dnsmasq',
      '--no-daemon',
      '--conf-file=/dev/null',
      '--port=0',
      '--dhcp-relay=10.80.0.1,10.79.0.1',
      '--user=root',
      '--pid-file',
    );
    const told = await udhcpc('f');
    dnsmasq.child.kill('SIGKILL');
    await once(dnsmasq.child, 'exit');
    expect(told).toMatchObject({ address: '10.80.0.50', router: '10.80.0.1', by: '10.79.0.1' });
  }, 30_000);

  it("gives it one by ISC's relay, too, and knows the port that option 82 names", async () => {
    const relay = start(
      'r',
      '/usr/sbin/dhcrelay',
      '-4',
      '-d',
      '-a',
      '-id',
      'eth1',
      '-iu',
      'eth0',
      '10.79.0.1',
    );
    await vi.waitFor(() => expect(relay.lines.join()).toContain('Sending on'), patience);
    const firmware = ['-V', 'PXEClient:Arch:00007:UNDI:003016', '-x', '0x5d:0007'];
    const told = await udhcpc('f', ...firmware);
    expect(told, relay.lines.join('\n')).toMatchObject({ router: '10.80.0.1', by: '10.79.0.1' });
    const decision = await vi.waitFor(() => {
      const line = server.lines.find((one) => one.includes('"kind":"decision"'));
      expect(line).toBeDefined();
      return line;
    }, patience);
    expect(JSON.parse(decision ?? '{}')).toMatchObject({
      outcome: 'answered',
      boot: { file: 'shimx64.efi' },
      place: { interfaceName: 'eth0', relay: '10.80.0.1', port: 'eth1' },
    });
    relay.child.kill('SIGKILL');
  }, 30_000);

  it('gives nobody an address twice after it was killed, and each machine its own', async () => {
    const before = await udhcpc('a');
    server.child.kill('SIGKILL');
    await once(server.child, 'exit');
    await serve();
    const other = await udhcpc('b', '-x', '0x3d:0102030405');
    expect(other['address']).not.toBe(before['address']);
    expect(await udhcpc('a')).toEqual(before);
  }, 60_000);

  it('stops, and names the other server, when one answers here', async () => {
    await ip('-n', net('d'), 'addr', 'add', '10.79.0.2/24', 'dev', 'br0');
    const foreign = start(
      'd',
      '/usr/sbin/dnsmasq',
      '--no-daemon',
      '--conf-file=/dev/null',
      '--port=0',
      '--interface=br0',
      '--bind-interfaces',
      '--user=root',
      '--pid-file',
      '--no-ping',
      '--dhcp-range=10.79.0.200,10.79.0.220,1h',
      '--dhcp-authoritative',
      `--dhcp-leasefile=${join(folder, 'foreign.leases')}`,
    );
    // Nobody asks: it finds the other one by itself.
    await vi.waitFor(
      () =>
        expect(server.lines.join('\n'), foreign.lines.join('\n')).toContain('"state":"stopped"'),
      { timeout: 30_000, interval: 100 },
    );
    expect(server.lines.find((line) => line.includes('"state":"stopped"'))).toContain('10.79.0.2');
    expect(await udhcpc('a')).toMatchObject({ by: '10.79.0.2' });
    foreign.child.kill('SIGKILL');
  }, 60_000);
});
