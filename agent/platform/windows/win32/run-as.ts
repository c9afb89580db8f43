/**
 * A program as another account, for an agent that is Local System: `LogonUser` and `CreateProcessAsUser`
 * (`CreateProcessWithLogonW` refuses Local System). Blocks until the program ends, so a second agent calls it
 * (run-as-call.ts). Constants and structures are those of winbase.h, processthreadsapi.h and userenv.h, 64 bits.
 */
import { wide } from './wide.ts';

const LOGON32_LOGON_INTERACTIVE = 2;
const LOGON32_LOGON_BATCH = 4;
const LOGON32_PROVIDER_DEFAULT = 0;
const ERROR_LOGON_TYPE_NOT_GRANTED = 1385;
const PI_NOUI = 1;
const CREATE_UNICODE_ENVIRONMENT = 0x400;
const CREATE_NO_WINDOW = 0x08000000;
const STARTF_USESTDHANDLES = 0x100;
const HANDLE_FLAG_INHERIT = 1;
/** STD_OUTPUT_HANDLE and STD_ERROR_HANDLE, -11 and -12 as words. */
const STD_OUTPUT = 0xfffffff5;
const STD_ERROR = 0xfffffff4;
const INFINITE = 0xffffffff;
const MOST_ENVIRONMENT_BYTES = 1024 * 1024;

/** What Windows refused, and its error. */
export interface RunAsFailure {
  readonly what: 'logon' | 'start';
  readonly code: number;
}

export interface RunAsWish {
  readonly user: string;
  /** Of the user; null: this computer, or what stands in `user` behind an @. */
  readonly domain: string | null;
  readonly password: string;
  /** Whole, the program in quotation marks. */
  readonly commandLine: string;
  readonly cwd: string | null;
  /** Over that of the account. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Runs it, its output that of this process. `onStart` is called once it runs. */
export function runAs(wish: RunAsWish, onStart: () => void): number | RunAsFailure {
  const ffi = process.getBuiltinModule('node:ffi');
  const kernel = new ffi.DynamicLibrary('kernel32.dll');
  const advapi = new ffi.DynamicLibrary('advapi32.dll');
  const lastError = kernel.getFunction('GetLastError', { arguments: [], return: 'uint32' });
  const logonUser = advapi.getFunction('LogonUserW', {
    arguments: ['pointer', 'pointer', 'pointer', 'uint32', 'uint32', 'buffer'],
    return: 'int32',
  });
  const [user, password] = [wide(wish.user), wide(wish.password)];
  const domain = wish.domain === null ? undefined : wide(wish.domain);
  const place = Buffer.alloc(8);
  const logon = (kind: number): number =>
    logonUser(
      ffi.getRawPointer(user),
      domain === undefined ? 0n : ffi.getRawPointer(domain),
      ffi.getRawPointer(password),
      kind,
      LOGON32_PROVIDER_DEFAULT,
      place,
    ) === 0
      ? lastError()
      : 0;
  let code = logon(LOGON32_LOGON_INTERACTIVE);
  if (code === ERROR_LOGON_TYPE_NOT_GRANTED) code = logon(LOGON32_LOGON_BATCH);
  password.fill(0);
  if (code !== 0) return { what: 'logon', code };
  const token = place.readBigUInt64LE(0);

  loadProfile(ffi, token, user);
  const environment = wide(
    `${Object.entries({ ...accountEnvironment(ffi, token), ...wish.environment })
      .map(([name, value]) => `${name}=${value}`)
      .sort((one, other) => (one.toUpperCase() < other.toUpperCase() ? -1 : 1))
      .join('\0')}\0`,
  );
  const startup = startupInfo(ffi, kernel);
  const commandLine = wide(wish.commandLine);
  const cwd = wish.cwd === null ? undefined : wide(wish.cwd);
  // PROCESS_INFORMATION: handles of process and thread, then their ids.
  const made = Buffer.alloc(24);
  const create = advapi.getFunction('CreateProcessAsUserW', {
    arguments: [
      'pointer',
      'pointer',
      'buffer',
      'pointer',
      'pointer',
      'int32',
      'uint32',
      'buffer',
      'pointer',
      'buffer',
      'buffer',
    ],
    return: 'int32',
  });
  const flags = CREATE_UNICODE_ENVIRONMENT | CREATE_NO_WINDOW;
  const at = cwd === undefined ? 0n : ffi.getRawPointer(cwd);
  const { info } = startup;
  if (create(token, 0n, commandLine, 0n, 0n, 1, flags, environment, at, info, made) === 0)
    return { what: 'start', code: lastError() };
  startup.desktop.fill(0);
  onStart();
  const wait = kernel.getFunction('WaitForSingleObject', {
    arguments: ['pointer', 'uint32'],
    return: 'uint32',
  });
  const exitCode = kernel.getFunction('GetExitCodeProcess', {
    arguments: ['pointer', 'buffer'],
    return: 'int32',
  });
  const program = made.readBigUInt64LE(0);
  wait(program, INFINITE);
  const ended = Buffer.alloc(4);
  return exitCode(program, ended) === 0
    ? { what: 'start', code: lastError() }
    : ended.readUInt32LE(0);
}

type Ffi = ReturnType<typeof process.getBuiltinModule<'node:ffi'>>;
type Library = InstanceType<NonNullable<Ffi>['DynamicLibrary']>;

/** STARTUPINFOW: no desktop of Local System, and the output of this process. */
function startupInfo(ffi: NonNullable<Ffi>, kernel: Library) {
  const standard = kernel.getFunction('GetStdHandle', { arguments: ['uint32'], return: 'pointer' });
  const inherit = kernel.getFunction('SetHandleInformation', {
    arguments: ['pointer', 'uint32', 'uint32'],
    return: 'int32',
  });
  const [output, error] = [standard(STD_OUTPUT), standard(STD_ERROR)];
  for (const handle of [output, error]) inherit(handle, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT);
  // An empty name: Windows makes a window station for this logon, as it may not use that of the service.
  const desktop = wide('');
  const info = Buffer.alloc(104);
  info.writeUInt32LE(info.length, 0);
  info.writeBigUInt64LE(ffi.getRawPointer(desktop), 16);
  info.writeUInt32LE(STARTF_USESTDHANDLES, 60);
  info.writeBigUInt64LE(output, 88);
  info.writeBigUInt64LE(error, 96);
  return { info, desktop };
}

/** HKEY_CURRENT_USER of the account. A program that needs none runs without it, so a failure is none. */
function loadProfile(ffi: NonNullable<Ffi>, token: bigint, user: Buffer): void {
  try {
    const userenv = new ffi.DynamicLibrary('userenv.dll');
    const load = userenv.getFunction('LoadUserProfileW', {
      arguments: ['pointer', 'buffer'],
      return: 'int32',
    });
    // PROFILEINFOW: size, flags, name, four paths, the handle that comes back.
    const profile = Buffer.alloc(56);
    profile.writeUInt32LE(profile.length, 0);
    profile.writeUInt32LE(PI_NOUI, 4);
    profile.writeBigUInt64LE(ffi.getRawPointer(user), 8);
    load(token, profile);
  } catch {
    // This Windows has no userenv.dll.
  }
}

/** USERPROFILE, TEMP and the like of the account; none where Windows does not tell. */
function accountEnvironment(ffi: NonNullable<Ffi>, token: bigint): Record<string, string> {
  const found: Record<string, string> = {};
  try {
    const userenv = new ffi.DynamicLibrary('userenv.dll');
    const make = userenv.getFunction('CreateEnvironmentBlock', {
      arguments: ['buffer', 'pointer', 'int32'],
      return: 'int32',
    });
    const place = Buffer.alloc(8);
    if (make(place, token, 0) === 0) return found;
    const block = place.readBigUInt64LE(0);
    let text = '';
    for (let at = 0; at < MOST_ENVIRONMENT_BYTES; at += 2) {
      const letter = ffi.getUint16(block, at);
      if (letter !== 0) {
        text += String.fromCharCode(letter);
        continue;
      }
      if (text === '') break;
      const [, name = '', value = ''] = /^(.[^=]*)=(.*)$/s.exec(text) ?? [];
      found[name] = value;
      text = '';
    }
  } catch {
    return found;
  }
  return found;
}
