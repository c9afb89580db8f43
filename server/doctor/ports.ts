import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding } from './finding.ts';
import { type BoundSocket, parseProcNet } from './proc-net.ts';

/** A port the server wants, and what for. */
export interface WantedPort {
  readonly protocol: 'udp' | 'tcp';
  readonly port: number;
  readonly purpose: string;
}

/** Says of each wanted port whether it is free, and which process has it if not. */
export async function checkPorts(
  wanted: readonly WantedPort[],
  proc = '/proc',
): Promise<Finding[]> {
  const sockets = await readSockets(proc);
  const findings: Finding[] = [];
  for (const { protocol, port, purpose } of wanted) {
    const name = `${protocol.toUpperCase()} ${port} (${purpose})`;
    const taken = sockets.filter((socket) => socket.protocol === protocol && socket.port === port);
    if (taken.length === 0) {
      findings.push({ level: 'ok', code: 'doctor.port', message: `${name} is free` });
      continue;
    }
    const owners = await findOwners(new Set(taken.map((socket) => socket.inode)), proc);
    const addresses = [...new Set(taken.map((socket) => socket.address))].join(', ');
    findings.push(describeTaken(`${name} is in use on ${addresses}`, owners));
  }
  return findings;
}

function describeTaken(what: string, owners: readonly Owner[]): Finding {
  if (owners.length === 0) {
    return {
      level: 'warning',
      code: 'doctor.port',
      message: `${what} by a process of another user`,
      hint: 'run metalwright doctor as root to see which process it is',
    };
  }
  const names = owners.map((owner) => `${owner.name} (pid ${owner.pid})`).join(', ');
  if (owners.every((owner) => owner.isMetalwright)) {
    return {
      level: 'ok',
      code: 'doctor.port',
      message: `${what} by this server (pid ${owners.map(({ pid }) => pid).join(', ')})`,
    };
  }
  return {
    level: 'problem',
    code: 'doctor.port',
    message: `${what} by ${names}`,
    hint: 'stop that service, or run this server on another machine of the network',
  };
}

async function readSockets(proc: string): Promise<BoundSocket[]> {
  const files = ['udp', 'udp6', 'tcp', 'tcp6'] as const;
  const texts = await Promise.all(
    files.map((file) => readFile(join(proc, 'net', file), 'utf8').catch(() => '')),
  );
  return texts.flatMap((text, index) =>
    parseProcNet(text, files[index]?.startsWith('udp') ? 'udp' : 'tcp'),
  );
}

interface Owner {
  readonly pid: string;
  readonly name: string;
  readonly isMetalwright: boolean;
}

/** Processes with one of these sockets open; those of other users show nothing to a plain user. */
async function findOwners(inodes: ReadonlySet<string>, proc: string): Promise<Owner[]> {
  const owners: Owner[] = [];
  for (const pid of (await readdir(proc)).filter((name) => /^\d+$/.test(name))) {
    const folder = join(proc, pid, 'fd');
    const descriptors = await readdir(folder).catch(() => []);
    const links = await Promise.all(
      descriptors.map((fd) => readlink(join(folder, fd)).catch(() => '')),
    );
    if (!links.some((link) => inodes.has(/^socket:\[(\d+)\]$/.exec(link)?.[1] ?? ''))) continue;
    const commandLine = await readFile(join(proc, pid, 'cmdline'), 'utf8').catch(() => '');
    const name = (await readFile(join(proc, pid, 'comm'), 'utf8').catch(() => 'unknown')).trim();
    const words = commandLine.split('\0');
    owners.push({
      pid,
      name,
      isMetalwright:
        words.includes('serve') && words.some((word) => word.endsWith('server/cli.ts')),
    });
  }
  return owners;
}
