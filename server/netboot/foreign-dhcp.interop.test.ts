import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { options, rawOption, readOption } from '../dhcp/options.ts';
import { type DhcpPacket, formatPacket, parsePacket } from '../dhcp/packet.ts';

/**
 * The worker beside dnsmasq, in network namespaces of the test's own: server (10.78.0.1), dnsmasq
 * (10.78.0.2) and client hang on one bridge. Needs root.
 */
const run = promisify(execFile);
const required = process.env['REQUIRE_PEERS'] === '1';
const net = (name: string) => `mw${process.pid}${name}`;
const spaces = ['s', 'd', 'c'] as const;
const isRoot = process.getuid?.() === 0;
const hasDnsmasq = await access('/usr/sbin/dnsmasq').then(
  () => true,
  () => false,
);
const skip = !required && (!isRoot || !hasDnsmasq);

const ip = (...argv: string[]) => run('/usr/sbin/ip', argv);
const inside = (space: string, ...argv: string[]) => ['netns', 'exec', net(space), ...argv];
const children: ChildProcess[] = [];
let folder: string;

/** Starts a program in a namespace and keeps the lines that it writes. */
function start(space: string, ...argv: string[]): { lines: string[]; child: ChildProcess } {
  const child = spawn('/usr/sbin/ip', inside(space, ...argv), {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  children.push(child);
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  return { lines, child };
}
const hex = async (name: string) =>
  (await readFile(new URL(`../dhcp/testdata/${name}.hex`, import.meta.url), 'utf8')).trim();

/** Sends packets from the client's namespace; the answers so far, each time it is called. */
function ask(settings: object): () => { from: string; packet: DhcpPacket }[] {
  const { lines } = start(
    'c',
    process.execPath,
    '--no-warnings',
    fileURLToPath(new URL('./pxe-client-process.ts', import.meta.url)),
    JSON.stringify({ device: 'eth0', ...settings }),
  );
  return () =>
    lines.map((line) => {
      const { from, hex: bytes } = JSON.parse(line);
      return { from, packet: parsePacket(Buffer.from(bytes, 'hex')) };
    });
}

const broadcast = { address: '255.255.255.255', port: 67 };
const patience = { timeout: 12_000, interval: 50 };
let server: ReturnType<typeof start>;
let discover: string;
let proxyRequest: string;

async function addServerLink(): Promise<void> {
  await ip(
    'link',
    'add',
    'eth0',
    'netns',
    net('s'),
    'type',
    'veth',
    'peer',
    'name',
    'ps',
    'netns',
    net('d'),
  );
  await ip('-n', net('d'), 'link', 'set', 'ps', 'master', 'br0', 'up');
  await ip('-n', net('s'), 'addr', 'add', '10.78.0.1/24', 'dev', 'eth0');
  await ip('-n', net('s'), 'link', 'set', 'eth0', 'up');
}

describe.skipIf(skip)('beside dnsmasq (needs root and dnsmasq)', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dnsmasq-'));
    for (const space of spaces) await ip('netns', 'add', net(space));
    for (const space of spaces) await ip('-n', net(space), 'link', 'set', 'lo', 'up');
    await ip('-n', net('d'), 'link', 'add', 'br0', 'type', 'bridge');
    await ip('-n', net('d'), 'addr', 'add', '10.78.0.2/24', 'dev', 'br0');
    await ip('-n', net('d'), 'link', 'set', 'br0', 'up');
    await addServerLink();
    await ip(
      'link',
      'add',
      'eth0',
      'netns',
      net('c'),
      'type',
      'veth',
      'peer',
      'name',
      'pc',
      'netns',
      net('d'),
    );
    await ip('-n', net('d'), 'link', 'set', 'pc', 'master', 'br0', 'up');
    await ip('-n', net('c'), 'link', 'set', 'eth0', 'up');
    start(
      'd',
      '/usr/sbin/dnsmasq',
      '--no-daemon',
      '--conf-file=/dev/null',
      '--port=0',
      '--interface=br0',
      '--bind-interfaces',
      '--dhcp-range=10.78.0.50,10.78.0.99,1h',

      '--no-ping',
      `--dhcp-leasefile=${join(folder, 'leases')}`,
      '--pid-file=',
      '--log-facility=/dev/null',
    );
    const answerOn = [{ name: 'eth0', address: '10.78.0.1', netmask: '255.255.255.0' }];
    const settings = { answerOn, bootImages: ['uefi-x64'], texts: { 'shimx64.efi': 'MZ' } };
    server = start(
      's',
      process.execPath,
      '--no-warnings',

      fileURLToPath(new URL('./netboot-process.ts', import.meta.url)),
      JSON.stringify(settings),
    );
    discover = await hex('ovmf-discover');
    proxyRequest = await hex('ovmf-proxy-request');
    await vi.waitFor(() => expect(server.lines.join()).toContain('ready'), patience);
  }, 30_000);

  afterAll(async () => {
    for (const child of children) child.stdin?.end();
    for (const child of children) child.kill();
    for (const space of spaces) await ip('netns', 'del', net(space)).catch(() => undefined);
    await rm(folder, { recursive: true });
  });

  it('M50 gives the boot file while dnsmasq gives the address', async () => {
    const answers = ask({ port: 68, to: broadcast, packets: [discover] });
    await expect
      .poll(
        () =>
          answers()
            .map(({ from }) => from)
            .sort(),
        patience,
      )
      .toEqual(['10.78.0.1', '10.78.0.2']);
    const [ours, theirs] = answers().sort((a, b) => a.from.localeCompare(b.from));
    expect(ours?.packet).toMatchObject({
      yiaddr: '0.0.0.0',
      siaddr: '10.78.0.1',
      file: 'shimx64.efi',
    });
    expect(theirs?.packet.yiaddr).toMatch(/^10\.78\.0\.\d+$/);
    expect(theirs?.packet.file).toBe('');
  });

  it('M50 hears dnsmasq, and not itself', async () => {
    await expect.poll(() => server.lines.join('\n'), patience).toContain('"heard-server"');
    const heard = server.lines
      .map((line) => JSON.parse(line))
      .filter((r) => r.kind === 'heard-server');
    expect(new Set(heard.map((report) => report.address))).toEqual(new Set(['10.78.0.2']));
  });

  it('M50 M51 acknowledges on 4011 and serves the file', async () => {
    await ip('-n', net('c'), 'addr', 'add', '10.78.0.58/24', 'dev', 'eth0');
    const answers = ask({
      port: 4011,
      to: { address: '10.78.0.1', port: 4011 },
      packets: [proxyRequest],
    });
    await expect.poll(() => answers().length, patience).toBe(1);
    const ack = answers()[0]?.packet;
    expect(ack && readOption(ack, options.messageType)).toBe('ack');
    const { stdout } = await run(
      '/usr/sbin/ip',
      inside('c', '/usr/bin/curl', '--silent', 'tftp://10.78.0.1/shimx64.efi'),
      { timeout: 10_000 },
    );
    expect(stdout).toBe('MZ');
  });

  it('M50 answers a relay at its address, with its option 82', async () => {
    const agent = { code: 82, value: Uint8Array.of(1, 2, 0xab, 0xcd) };
    const packet = parsePacket(Buffer.from(discover, 'hex'));
    const relayed = { ...packet, giaddr: '10.78.0.58', options: [...packet.options, agent] };
    const answers = ask({
      port: 67,
      to: { address: '10.78.0.1', port: 67 },
      packets: [Buffer.from(formatPacket(relayed)).toString('hex')],
    });
    await expect.poll(() => answers().length, patience).toBe(1);
    const [offer] = answers();
    expect(offer?.packet).toMatchObject({ giaddr: '10.78.0.58', file: 'shimx64.efi' });
    expect(offer && rawOption(offer.packet, options.relayAgentInformation)).toEqual(agent.value);
  });

  it('says that an interface is gone, and answers again when it is back', async () => {
    await ip('-n', net('s'), 'link', 'del', 'eth0');
    await expect.poll(() => server.lines.join('\n'), patience).toContain('netboot.no-interface');
    await addServerLink();
    await expect
      .poll(async () => {
        const answers = ask({ port: 68, to: broadcast, packets: [discover] });
        await vi.waitFor(() => expect(answers().length).toBeGreaterThan(0), patience);
        return answers().some(({ from }) => from === '10.78.0.1');
      }, patience)
      .toBe(true);
  });
});
