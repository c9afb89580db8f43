import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';

const Listener = (port: number) =>
  z
    .strictObject({
      /** Address to listen on. */
      host: z.string().default('0.0.0.0'),
      /** TCP port; 0 takes a free one. */
      port: z.int().min(0).max(65535).default(port),
    })
    .prefault({});
const UdpPort = z.int().min(1).max(65535).optional();

/**
 * What the server needs to start. All other settings are in the store and are made while it runs
 * (`SiteSettings`).
 */
export const Config = z.strictObject({
  /** Database, keys, content. Made when it is missing. */
  dataDirectory: z.string().min(1).default('/var/lib/metalwright'),
  /** Directory with the Linux PE boot image for x64; null: none is served. */
  bootImageDirectory: z.string().min(1).nullable().default(null),
  listeners: z
    .strictObject({
      /** Boot files and content, plain HTTP. */
      boot: Listener(7480),
      /** Agents, TLS by the site CA. */
      agents: Listener(7443),
      /** Console and API, TLS by the site CA. */
      console: Listener(7400),
    })
    .prefault({}),
  netboot: z
    .strictObject({
      /** False: no DHCP and TFTP at all, whatever the operator sets. */
      enabled: z.boolean().default(true),
      /** UDP ports other than the standard ones, for tests. */
      ports: z
        .strictObject({ dhcp: UdpPort, proxy: UdpPort, tftp: UdpPort, dhcpClient: UdpPort })
        .prefault({}),
    })
    .prefault({}),
  logLevel: z.enum(['error', 'warn', 'info', 'debug']).default('info'),
});
export type Config = z.infer<typeof Config>;

/** Environment variables, each with the setting it stands for. They win over the file. */
const environmentSettings: Readonly<Record<string, readonly string[]>> = {
  METALWRIGHT_DATA: ['dataDirectory'],
  METALWRIGHT_BOOT_IMAGES: ['bootImageDirectory'],
  METALWRIGHT_LOG_LEVEL: ['logLevel'],
  METALWRIGHT_BOOT_PORT: ['listeners', 'boot', 'port'],
  METALWRIGHT_AGENT_PORT: ['listeners', 'agents', 'port'],
  METALWRIGHT_CONSOLE_PORT: ['listeners', 'console', 'port'],
};

/**
 * Reads the settings: the YAML file, if one is named, under the environment.
 *
 * @throws {z.ZodError} what is wrong, with its path; errors of the file system for the file
 */
export async function loadConfig(
  file: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Config> {
  const value: unknown = file === undefined ? {} : (parse(await readFile(file, 'utf8')) ?? {});
  const settings = z.record(z.string(), z.unknown()).parse(value);
  for (const [name, path] of Object.entries(environmentSettings)) {
    const text = environment[name];
    if (text !== undefined && text !== '')
      setAt(settings, path, path.at(-1) === 'port' ? Number(text) : text);
  }
  return Config.parse(settings);
}

function setAt(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [first = '', ...rest] = path;
  if (rest.length === 0) {
    target[first] = value;
    return;
  }
  const inner = z.record(z.string(), z.unknown()).catch({}).parse(target[first]);
  setAt(inner, rest, value);
  target[first] = inner;
}
