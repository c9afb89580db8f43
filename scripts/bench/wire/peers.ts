import { join } from 'node:path';
import { cacheDirectory } from '../../cache-directory.ts';
import { type Child, startChild } from '../../lab/child.ts';
import { inNamespace, SERVER_ADDRESS } from '../../lab/namespace.ts';
import { openProcessorMeter, type ProcessorMeter } from './processor-time.ts';

/** A server that is measured, in the namespace of the site. */
export interface MeasuredServer extends AsyncDisposable {
  readonly name: string;
  readonly child: Child;
  readonly meter: ProcessorMeter;
}

/** Starts a server in a control group of its own. */
export async function startMeasured(
  name: string,
  argv: readonly [string, ...string[]],
  where: {
    readonly namespace: string;
    readonly directory: string;
    readonly environment?: Readonly<Record<string, string>>;
  },
): Promise<MeasuredServer> {
  const meter = await openProcessorMeter();
  const { namespace, directory, environment = {} } = where;
  const child = await startChild(meter.wrap(inNamespace(namespace, argv)), {
    logFile: join(directory, `${name}.log`),
    environment,
  });
  return {
    name,
    child,
    meter,
    async [Symbol.asyncDispose]() {
      await child[Symbol.asyncDispose]();
      await meter[Symbol.asyncDispose]();
    },
  };
}

/** Debian's packages of both servers cannot be installed beside each other: `scripts/setup` unpacks atftpd here. */
const ATFTPD = join(cacheDirectory, 'peers/atftpd/usr/sbin/atftpd');

/** Command line of atftpd, which knows windowsize. */
export function atftpd(folder: string, port: number): [string, ...string[]] {
  const options = ['--daemon', '--no-fork', '--no-multicast', '--user', 'root.root'];
  const where = ['--bind-address', SERVER_ADDRESS, '--port', String(port)];
  return [ATFTPD, ...options, '--maxthread', '1000', '--verbose=0', ...where, folder];
}

/** Command line of tftpd-hpa, which knows no windowsize. */
export function tftpdHpa(folder: string, port: number): [string, ...string[]] {
  const where = ['--address', `${SERVER_ADDRESS}:${port}`];
  return ['/usr/sbin/in.tftpd', '--foreground', '--user', 'root', '--secure', ...where, folder];
}
