import { readFile } from 'node:fs/promises';
import type { Finding } from './finding.ts';

/** Bits of `CapEff` in /proc/self/status (capabilities(7)) and what each is for. */
const needed = [
  { name: 'CAP_NET_BIND_SERVICE', bit: 10n, use: 'UDP 67 and 69' },
  { name: 'CAP_NET_RAW', bit: 13n, use: 'a socket for each interface' },
] as const;
const code = 'doctor.capability';

/** Where systemd's unit is after `scripts/install-service`, and what this process may do. */
const capabilityFiles = {
  unit: '/etc/systemd/system/metalwright.service',
  status: '/proc/self/status',
};

/**
 * Looks whether the server may answer network boots: by its systemd unit, where it is installed, else as
 * whoever runs this.
 */
export async function checkCapabilities(files = capabilityFiles): Promise<Finding> {
  const unit = await readFile(files.unit, 'utf8').catch(() => undefined);
  if (unit !== undefined) {
    // Several lines add up; an empty one takes all back (systemd.exec(5)).
    let given = new Set<string>();
    for (const [, line = ''] of unit.matchAll(/^AmbientCapabilities=(.*)$/gm))
      given = line.trim() === '' ? new Set() : new Set([...given, ...line.trim().split(/\s+/)]);
    const runsAsRoot = !/^User=(?!root\s*$).+$/m.test(unit);
    const missing = runsAsRoot ? [] : needed.filter(({ name }) => !given.has(name));
    if (missing.length === 0)
      return { level: 'ok', code, message: `${files.unit} gives what network boot needs` };
    return {
      level: 'problem',
      code,
      message: `${files.unit} gives no ${list(missing)}`,
      hint: 'run scripts/install-service again, or put AmbientCapabilities= back',
    };
  }
  const status = await readFile(files.status, 'utf8').catch(() => '');
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  const missing = needed.filter(({ bit }) => (effective & (1n << bit)) === 0n);
  if (missing.length === 0)
    return { level: 'ok', code, message: 'this user may open what network boot needs' };
  return {
    level: 'warning',
    code,
    message: `this user has no ${list(missing)}: a server that it starts answers no network boots`,
    hint: 'scripts/install-service makes a service that has them',
  };
}

function list(missing: readonly (typeof needed)[number][]): string {
  return missing.map(({ name, use }) => `${name} (${use})`).join(', ');
}
