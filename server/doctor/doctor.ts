import { hostname } from 'node:os';
import type { Config } from '../config.ts';
import type { ProviderConfig } from '../oidc/provider.ts';
import { checkBootImages } from './boot-images.ts';
import { checkCapabilities } from './capabilities.ts';
import { checkCertificates } from './certificates.ts';
import { checkClock } from './clock.ts';
import { type ContentCheck, checkContent } from './content.ts';
import { checkDataDirectory } from './data-directory.ts';
import { checkDatabase } from './database.ts';
import { probeDhcp } from './dhcp-probe.ts';
import type { Finding } from './finding.ts';
import { checkInterfaces, type Interfaces } from './interfaces.ts';
import { checkPorts, type WantedPort } from './ports.ts';
import { checkProvider } from './provider.ts';
import { checkSecretFiles } from './secret-files.ts';
import { checkSqliteFile } from './sqlite-file.ts';
import { checkTools } from './tools.ts';

const PROBE_WAIT_MS = 4000;

/** All ports of a server with default settings. */
const wantedPorts: readonly WantedPort[] = [
  { protocol: 'udp', port: 67, purpose: 'DHCP requests of booting machines' },
  { protocol: 'udp', port: 4011, purpose: 'PXE boot server' },
  { protocol: 'udp', port: 69, purpose: 'TFTP, the first boot files' },
  { protocol: 'tcp', port: 7480, purpose: 'boot files and content over HTTP' },
  { protocol: 'tcp', port: 7443, purpose: 'agents' },
  { protocol: 'tcp', port: 7400, purpose: 'console and API' },
];

/** What to look at; all of it arrives as arguments. */
export interface DoctorInput {
  readonly dataDirectory: string;
  /** Settings of the server, and the file that they were read from. */
  readonly settings: Pick<Config, 'database' | 'listeners'>;
  readonly settingsFile: string | undefined;
  /** How content is read; undefined: not at all, which takes long. */
  readonly content: Omit<ContentCheck, 'dataDirectory'> | undefined;
  /** URL of the PostgreSQL database; undefined where SQLite is used. */
  readonly databaseUrl: string | undefined;
  /** The OpenID provider of the settings; undefined where there is none. */
  readonly provider: ProviderConfig | undefined;
  /** Where boot images were built; undefined for the place scripts/run builds them at. */
  readonly bootImages: string | undefined;
  /** Interfaces on which a DHCPDISCOVER may be sent. */
  readonly probeOn: readonly string[];
  readonly interfaces: Interfaces;
  readonly path: string;
  readonly nowMs: number;
}

/** Looks at everything that keeps machines from booting, in the order it is needed. No server is asked. */
export async function runDoctor(input: DoctorInput, signal: AbortSignal): Promise<Finding[]> {
  const parts: readonly (Finding | readonly Finding[])[] = await Promise.all([
    checkPorts(wantedPorts),
    checkInterfaces(input.interfaces),
    ...input.probeOn.map((interfaceName) =>
      probeDhcp({ interfaceName, waitMs: PROBE_WAIT_MS }, signal),
    ),
    checkBootImages(input.bootImages),
    checkDataDirectory(input.dataDirectory),
    checkSqliteFile(input.dataDirectory, input.nowMs),
    ...(input.databaseUrl === undefined ? [] : [checkDatabase(input.databaseUrl, input.nowMs)]),
    ...(input.provider === undefined ? [] : [checkProvider(input.provider, input.nowMs)]),
    checkSecretFiles(input.settingsFile, input.settings),
    checkCertificates({
      dataDirectory: input.dataDirectory,
      consoleCertificate: input.settings.listeners.consoleCertificate,
      names: [hostname()],
      addresses: addressesOf(input.interfaces),
      nowMs: input.nowMs,
    }),
    checkCapabilities(),
    checkTools(input.path),
    checkClock(input.nowMs),
    ...(input.content === undefined
      ? []
      : [checkContent({ dataDirectory: input.dataDirectory, ...input.content }, signal)]),
  ]);
  return parts.flat();
}

function addressesOf(interfaces: Interfaces): string[] {
  const all = Object.values(interfaces).flatMap((addresses) => addresses ?? []);
  return all
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address);
}
