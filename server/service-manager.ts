import type * as Ffi from 'node:ffi';
import { writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Logger } from 'winston';

/**
 * What systemd is told of a service that it started with `Type=notify` (sd_notify(3)): datagrams to the
 * UNIX socket that `NOTIFY_SOCKET` names. Node opens no UNIX datagram sockets; the C library's `socket` and
 * `connect` do, through `node:ffi`, and what they made is written to like a file. `systemd-notify(1)` is a
 * process for each word, which systemd must take words from (`NotifyAccess=all`), as from any other child.
 */
export interface ServiceManager {
  /** All listeners are open. `status` is shown by `systemctl status`. */
  ready(status: string): void;
  /** The server stops by itself or was told to; nobody needs to wait for its watchdog any more. */
  stopping(): void;
  /**
   * Says regularly that the server works, if that is watched (`WatchdogSec=`): this thread comes to it, and
   * `works` is answered, be it by an error.
   */
  watch(works: () => Promise<unknown>): void;
}

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
/** `sun_path` has 108 bytes (unix(7)). */
const PATH_BYTES = 108;

const signatures = {
  socket: { return: 'i32', arguments: ['i32', 'i32', 'i32'] },
  connect: { return: 'i32', arguments: ['i32', 'buffer', 'u32'] },
} as const;

/**
 * The service manager that started this process; one that hears nothing where there is none.
 *
 * @param environment `NOTIFY_SOCKET`, a path, or a name behind `@` (an abstract socket); `WATCHDOG_USEC` and
 *   `WATCHDOG_PID` as in sd_watchdog_enabled(3)
 */
export function openServiceManager(
  environment: Readonly<Record<string, string | undefined>>,
  log: Pick<Logger, 'warn'>,
): ServiceManager {
  const address = environment['NOTIFY_SOCKET'];
  const descriptor = address === undefined ? undefined : connectTo(address, log);
  let timer: ReturnType<typeof setInterval> | undefined;
  const tell = (message: string) => {
    try {
      if (descriptor !== undefined) writeSync(descriptor, message);
    } catch (error) {
      log.warn('systemd cannot be told', { message, error });
    }
  };
  return {
    ready: (status) => tell(`READY=1\nSTATUS=${status}`),
    stopping() {
      clearInterval(timer);
      tell('STOPPING=1\nSTATUS=stopping');
    },
    watch(works) {
      const everyMs = watchdogMs(environment);
      if (descriptor === undefined || everyMs === undefined) return;
      let asking = false;
      const ask = async () => {
        if (asking) return;
        asking = true;
        await works().catch(() => undefined);
        asking = false;
        tell('WATCHDOG=1');
      };
      timer = setInterval(() => void ask(), everyMs);
      timer.unref();
    },
  };
}

/** Half of the time that systemd waits, as sd_watchdog_enabled(3) recommends; undefined when it does not. */
function watchdogMs(environment: Readonly<Record<string, string | undefined>>): number | undefined {
  const microseconds = Number(environment['WATCHDOG_USEC']);
  const pid = environment['WATCHDOG_PID'];
  if (!(microseconds > 0) || (pid !== undefined && Number(pid) !== process.pid)) return undefined;
  return Math.max(1, Math.floor(microseconds / 2000));
}

/** A connected socket; undefined, with a word in the log, where there is none: the server runs all the same. */
function connectTo(address: string, log: Pick<Logger, 'warn'>): number | undefined {
  try {
    const name = socketName(address);
    const ffi: typeof Ffi = createRequire(import.meta.url)('node:ffi');
    const { functions } = ffi.dlopen('libc.so.6', signatures);
    const descriptor = functions.socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor >= 0 && functions.connect(descriptor, name, name.length) === 0)
      return descriptor;
    log.warn('systemd cannot be told: its socket does not answer', { address });
  } catch (error) {
    log.warn('systemd cannot be told', { address, error });
  }
  return undefined;
}

/** struct sockaddr_un: family in host order, path; an abstract name begins with a zero byte and ends with its length. */
function socketName(address: string): Buffer {
  const isAbstract = address.startsWith('@');
  const path = Buffer.from(isAbstract ? `\0${address.slice(1)}` : `${address}\0`);
  if ((!isAbstract && !address.startsWith('/')) || path.length > PATH_BYTES)
    throw new Error('NOTIFY_SOCKET is neither a path nor a name behind @');
  const family = Buffer.alloc(2);
  family.writeUInt16LE(AF_UNIX);
  return Buffer.concat([family, path]);
}
