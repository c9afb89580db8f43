import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { HELLO_PATH } from '#agent/protocol/bootstrap.ts';
import { formatCpio } from '#boot/cpio.ts';
import { openBootSigner } from '#server/trust/boot-signing.ts';
import { openSiteCa } from '#server/trust/site-ca.ts';
import { cacheDirectory } from '../cache-directory.ts';
import { readLog, startChild } from './child.ts';
import { startForeignDhcp } from './foreign-dhcp.ts';
import { makeDisk } from './machine.ts';
import { addTap, inNamespace, openNetwork, SERVER_ADDRESS } from './namespace.ts';
import { waitFor } from './wait.ts';

/**
 * `node scripts/lab/boot-image-check.ts [--image DIRECTORY]`, as root: boots kernel, loader and rest of a
 * Linux PE in QEMU with a clock of 2001, against a server that first signs with a wrong key, then
 * sends a damaged image, then cuts the transfer, and then does it right, with a shell script as the
 * agent. Two minutes; by hand, since a deployment of the lab shows the way without faults.
 */
const MAC = '52:54:00:77:00:99';
const AGENT = `#!/bin/sh
for tool in wimlib-imagex sgdisk sfdisk partx wipefs lsblk blkid mkntfs mkfs.fat mkfs.ext4 efibootmgr \\
  nbdfuse fusermount3 curl zstd dmsetup busybox bash; do
  command -v "$tool" >/dev/null || echo "STANDIN MISSES $tool"
done
wimlib-imagex --version | grep -q wimlib || echo STANDIN BAD wimlib
modprobe vfat && modprobe ext4 && mkfs.ext4 -q /dev/vda && mount /dev/vda /mnt && umount /mnt || echo STANDIN BAD disk
date -u '+STANDIN YEAR %Y'
echo "STANDIN SETTINGS $METALWRIGHT_ENVIRONMENT $METALWRIGHT_SERVER $METALWRIGHT_BOOT_BASE $METALWRIGHT_BOOT_MAC"
exit 7
`;
/** In the order in which they must be said on the serial line. */
const EXPECTED = [
  'the signature of',
  'rest.squashfs is damaged',
  'connection closed prematurely',
  'starting the agent',
  'the agent ended with status 7',
  `STANDIN YEAR ${new Date().getUTCFullYear()}`,
  `STANDIN SETTINGS linux-pe ${SERVER_ADDRESS}:7443 http://${SERVER_ADDRESS}:7480 ${MAC}`,
  'The machine holds here',
];
const FORBIDDEN = ['STANDIN MISSES', 'STANDIN BAD', 'Kernel panic', 'Segmentation fault'];

const { values } = parseArgs({
  options: {
    image: { type: 'string', default: join(cacheDirectory, 'boot-images/linux-pe-x64') },
    inside: { type: 'string' },
  },
});
const image = resolve(values.image);
if (values.inside === undefined) await outside();
else await inside(values.inside);

/** Makes the network, and runs this script again inside it. */
async function outside(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'boot-image-check-'));
  try {
    await using network = await openNetwork();
    await using _dhcp = await startForeignDhcp(network.foreign, directory);
    const words = [import.meta.filename, '--image', image, '--inside', directory];
    await using child = await startChild(inNamespace(network.site, [process.execPath, ...words]), {
      logFile: join(directory, 'inside.log'),
    });
    const { code } = await child.exited;
    console.log(child.tail(20_000));
    process.exitCode = code ?? 1;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function inside(directory: string): Promise<void> {
  const site = await openSiteCa(directory, [SERVER_ADDRESS]);
  const signer = await openBootSigner(directory);
  const agent = Buffer.from(AGENT);
  const agentSha256 = createHash('sha256').update(agent).digest('hex');
  const file = (path: string, text: string) =>
    ({ kind: 'file', path, mode: 0o644, data: Buffer.from(text) }) as const;
  const siteImage = formatCpio([
    { kind: 'directory', path: 'etc', mode: 0o755 },
    { kind: 'directory', path: 'etc/metalwright', mode: 0o755 },
    file('etc/metalwright/boot.pub', signer.publicKey),
    file('etc/metalwright/site-ca.pem', site.caCertificate),
  ]);
  const loader = await readFile(join(image, 'loader.img'));
  const padding = Buffer.alloc((4 - (loader.length % 4)) % 4);
  await writeFile(join(directory, 'initrd'), Buffer.concat([loader, padding, siteImage]));
  await makeDisk(join(directory, 'disk'), 1024);
  const manifest = await readFile(join(image, 'manifest'));
  const rest = await readFile(join(image, 'rest.squashfs'));
  const damaged = Buffer.from(rest);
  damaged.writeUInt8(damaged.readUInt8(5000) ^ 1, 5000);
  const answers = { signatures: 0, rests: 0 };

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const path = request.url ?? '';
    if (path.endsWith('/manifest')) response.end(manifest);
    else if (path.endsWith('/manifest.sig')) {
      answers.signatures += 1;
      const signed = answers.signatures === 1 ? Buffer.from('another manifest') : manifest;
      response.end(signer.sign(signed));
    } else if (path.endsWith('/rest.squashfs')) {
      answers.rests += 1;
      sendRest(request, response);
    } else if (path.startsWith(HELLO_PATH)) {
      const lines = [
        `agent-sha256 ${agentSha256}`,
        `agent-path /content/${agentSha256.slice(0, 2)}/${agentSha256}`,
        `agent-size ${agent.length}`,
        'agent-compression none',
        `server-time-ms ${Date.now()}`,
        'a-key-of-a-later-server with a value',
      ];
      response.end(lines.map((line) => `${line}\n`).join(''));
    } else if (path.startsWith('/content/')) response.end(agent);
    else response.writeHead(404).end();
  };
  /** Damaged at first, then cut in the middle, then the rest of it by range. */
  const sendRest = (request: IncomingMessage, response: ServerResponse): void => {
    const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const body = (answers.rests === 1 ? damaged : rest).subarray(start);
    response.setHeader('content-length', body.length);
    if (start > 0) {
      response.statusCode = 206;
      response.setHeader('content-range', `bytes ${start}-${rest.length - 1}/${rest.length}`);
    }
    if (answers.rests === 2) {
      response.write(body.subarray(0, 5_000_000), () => response.destroy());
    } else response.end(body);
  };

  const plain = createServer(answer).listen(7480, SERVER_ADDRESS);
  const tls = createTlsServer({ key: site.serverKey, cert: site.serverCertificate }, answer);
  tls.listen(7443, SERVER_ADDRESS);
  await addTap('tap-check');
  const serialLog = join(directory, 'serial.log');
  await using machine = await startChild(qemu(directory, serialLog), {
    logFile: join(directory, 'qemu.log'),
  });
  try {
    const serial = await waitFor(
      'the machine holds after the agent has ended',
      async () => {
        if (!machine.running()) throw new Error(`QEMU ended: ${machine.tail()}`);
        const text = await readLog(serialLog);
        return text.includes('The machine holds here') ? text : undefined;
      },
      {
        timeoutMs: 400_000,
        signal: new AbortController().signal,
        everyMs: 1000,
        evidence: () => machine.tail(),
      },
    );
    const missing = EXPECTED.filter((text) => !serial.includes(text));
    const wrong = FORBIDDEN.filter((text) => serial.includes(text));
    console.log(serial.replaceAll('\r', ''));
    if (missing.length + wrong.length > 0 || answers.rests !== 3) {
      throw new Error(
        `not said: ${missing.join(' | ')}; said: ${wrong.join(' | ')}; ${answers.rests} fetches`,
      );
    }
    console.log('boot image check: passed');
  } catch (error) {
    console.log(await readLog(serialLog));
    throw error;
  } finally {
    plain.close().closeAllConnections();
    tls.close().closeAllConnections();
  }
}

/** Kernel and initrd given directly: firmware and TFTP are the business of the lab's scenarios. */
function qemu(directory: string, serialLog: string): [string, ...string[]] {
  const commandLine = [
    `metalwright.server=${SERVER_ADDRESS}`,
    `BOOTIF=01-${MAC.replaceAll(':', '-')}`,
    'console=ttyS0,115200 console=tty0',
  ].join(' ');
  const options: (readonly [string, string])[] = [
    ['-machine', 'q35'],
    ['-accel', 'tcg,thread=multi'],
    ['-cpu', 'max'],
    ['-smp', '2'],
    ['-m', '1536'],
    ['-display', 'none'],
    ['-device', 'VGA'],
    ['-serial', `file:${serialLog}`],
    ['-rtc', 'base=2001-01-01T00:00:00,clock=vm'],
    ['-kernel', join(image, 'vmlinuz')],
    ['-initrd', join(directory, 'initrd')],
    ['-append', commandLine],
    ['-netdev', 'tap,id=n0,ifname=tap-check,script=no,downscript=no'],
    ['-device', `virtio-net-pci,netdev=n0,mac=${MAC},romfile=`],
    ['-drive', `if=none,id=d0,format=raw,cache=unsafe,file=${join(directory, 'disk')}`],
    ['-device', 'virtio-blk-pci,drive=d0'],
  ];
  return ['qemu-system-x86_64', '-nodefaults', '-no-user-config', ...options.flat()];
}
