import { readFile, rm } from 'node:fs/promises';
import { parse } from 'node:path/win32';
import type { GeneralizeCapability } from '../../sequence/capture-capability.ts';
import type { NetworkCapability } from '../../sequence/network-capability.ts';
import { StepError } from '../../sequence/step-error.ts';
import { below } from '../below.ts';
import { isThere } from '../is-there.ts';
import type { WindowsMachineParts } from './parts.ts';
import type { ToolRun } from './run-tool.ts';

const STATE_KEY = 'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Setup\\State';
/** What Sysprep says of a Windows that it generalized, and of one that it left in the middle. */
const GENERALIZED = 'IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE';
const UNDEPLOYABLE = 'IMAGE_STATE_UNDEPLOYABLE';
/** Certificates that Configuration Manager's client is known by. */
const CLIENT_CERTIFICATES = 'HKLM\\SOFTWARE\\Microsoft\\SystemCertificates\\SMS\\Certificates';
/** ERROR_SERVICE_DOES_NOT_EXIST, ERROR_SERVICE_NOT_ACTIVE. */
const NOT_RUNNING = [1060, 1062];
const SYSPREP_TIMEOUT_MS = 2 * 3600 * 1000;
const NOT_SUPPORTED = 0x80070032;

/** What setuperr.log has for what people meet, and what to do about it. */
const causes: readonly { readonly seen: RegExp; readonly hint: string }[] = [
  {
    seen: /0x80073cf2|not provisioned for all users/i,
    hint: 'An app of the Store is there for one user alone: remove it for that user, or provision it for all.',
  },
  {
    seen: /0x800f0975|reserved storage/i,
    hint: 'Windows Update has work left: restart, let it finish, and run the step again.',
  },
  {
    seen: /0x80310039|bitlocker/i,
    hint: 'BitLocker is on for the volume of Windows: decrypt it (manage-bde -off C:).',
  },
  {
    seen: /0xc004d307|rearm/i,
    hint: 'The activation was reset as often as Windows lets it be: set keepActivation.',
  },
];

interface Parts
  extends Pick<
    WindowsMachineParts,
    'runTool' | 'registry' | 'systemRoot' | 'scratch' | 'identity'
  > {
  readonly network: Pick<NetworkCapability, 'membership'>;
  /** The volume that Windows runs from is encrypted by BitLocker. */
  readonly isEncrypted: (signal: AbortSignal) => Promise<boolean>;
  /** Packages that outlive a run, `C:\Windows\ccmcache`. */
  readonly clientCache: string;
}

/** An installed Windows made one for any machine, by Sysprep. Its exit code tells nothing: what it wrote is read. */
export function windowsGeneralize(parts: Parts): GeneralizeCapability {
  const { runTool, registry, systemRoot, clientCache } = parts;
  const at = (...names: readonly string[]): string => below(systemRoot, ...names);
  const imageState = async (signal: AbortSignal): Promise<string> =>
    (await registry.read(STATE_KEY, 'ImageState', signal))?.value?.data ?? '';

  return {
    async forgetClient({ uninstall }, signal) {
      const done: string[] = [];
      const setup = at('ccmsetup', 'ccmsetup.exe');
      const hasClient = await isThere(setup);
      if (hasClient && uninstall) {
        const argv = [setup, '/uninstall'] as const;
        await runTool({ argv: [...argv], timeoutMs: 1_800_000 }, signal).catch((error: unknown) => {
          throw new StepError(
            'capture.client',
            `The client does not remove itself: ${textOf(error)}`,
            {
              cause: error,
              hint: `Look into ${at('ccmsetup', 'Logs', 'ccmsetup.log')}.`,
            },
          );
        });
        done.push('The client of Configuration Manager removed itself');
      } else {
        // Without it, nothing writes its identity again until the machine is down.
        const { code } = await runTool(
          { argv: ['net.exe', 'stop', 'ccmexec', '/y'], allowed: 'any', timeoutMs: 300_000 },
          signal,
        );
        if (hasClient && code !== 0 && !NOT_RUNNING.includes(code))
          done.push(`The service of the client did not stop (net stop ended with ${code})`);
      }
      await rm(at('SMSCFG.ini'), { force: true });
      // Fails where there is no such key.
      const argv: [string, ...string[]] = ['reg.exe', 'delete', CLIENT_CERTIFICATES, '/f'];
      const { code } = await runTool({ argv, allowed: 'any' }, signal);
      if (code === 0) done.push('The certificates of the client are deleted');
      await rm(clientCache, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 });
      done.push(`${at('SMSCFG.ini')} and ${clientCache} are gone`);
      return done;
    },

    async *generalize({ keepActivation }, signal) {
      const { root } = parse(systemRoot);
      const before = await imageState(signal);
      // An attempt that was cut off after Sysprep had ended.
      if (before === GENERALIZED) return { systemRoot };
      if (before === UNDEPLOYABLE) throw interrupted();
      const membership = await parts.network.membership?.(signal);
      if (membership?.kind === 'domain')
        throw new StepError(
          'capture.domain',
          `This computer is a member of the domain ${membership.name}: it cannot be captured so`,
          { hint: 'Put a Join Domain or Workgroup step before this one.', exitCode: NOT_SUPPORTED },
        );
      if (await parts.isEncrypted(signal))
        throw new StepError('capture.encrypted', `${root} is encrypted by BitLocker`, {
          hint: 'Decrypt it before: Sysprep refuses it, and no image is made of it (manage-bde -off C:).',
          exitCode: 0x80310039,
        });
      yield { detail: 'Running Sysprep' };
      const run = await runSysprep(keepActivation, signal);
      const after = await imageState(signal);
      if (after === GENERALIZED) return { systemRoot };
      throw await sysprepFailure(run, after);
    },
  };

  async function runSysprep(keepActivation: boolean, signal: AbortSignal): Promise<ToolRun> {
    const files = keepActivation ? { 'unattend.xml': skipRearm(parts.identity.architecture) } : {};
    await using scratch = await parts.scratch(files, signal);
    const argv: [string, ...string[]] = [
      at('System32', 'Sysprep', 'sysprep.exe'),
      '/generalize',
      '/oobe',
      '/quit',
      '/quiet',
      ...(keepActivation ? [`/unattend:${scratch.file('unattend.xml')}`] : []),
    ];
    return await runTool({ argv, allowed: 'any', timeoutMs: SYSPREP_TIMEOUT_MS }, signal);
  }

  async function sysprepFailure(run: ToolRun, state: string): Promise<StepError> {
    const log = at('System32', 'Sysprep', 'Panther', 'setuperr.log');
    const errors = (await lastErrors(log)).join(' | ');
    const hint = causes.find(({ seen }) => seen.test(errors))?.hint;
    return new StepError(
      'capture.sysprep',
      `Sysprep ended with ${run.code}, and Windows says ${state || 'nothing'} of itself${errors === '' ? '' : `: ${errors}`}`,
      {
        hint: hint ?? `Look into ${log} and setupact.log beside it.`,
        exitCode: run.code || 0x80004005,
      },
    );
  }
}

function interrupted(): StepError {
  return new StepError(
    'capture.sysprep-interrupted',
    'Sysprep was cut off in the middle: this Windows is neither generalized nor what it was',
    {
      hint: 'Install the reference machine again, or go back to a copy of its disk.',
      exitCode: NOT_SUPPORTED,
    },
  );
}

/** Answer file for the pass generalize: Microsoft-Windows-Security-SPP, SkipRearm. */
function skipRearm(architecture: string): Uint8Array {
  const name = { arm64: 'arm64', x86: 'x86' }[architecture] ?? 'amd64';
  return Buffer.from(`<?xml version="1.0" encoding="utf-8"?>
<unattend xmlns="urn:schemas-microsoft-com:unattend">
  <settings pass="generalize">
    <component name="Microsoft-Windows-Security-SPP" processorArchitecture="${name}" publicKeyToken="31bf3856ad364e35" language="neutral" versionScope="nonSxS">
      <SkipRearm>1</SkipRearm>
    </component>
  </settings>
</unattend>
`);
}

/** The last lines of a log of Windows Setup that are errors. */
async function lastErrors(path: string): Promise<string[]> {
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined) return [];
  const isWide = bytes[0] === 0xff && bytes[1] === 0xfe;
  const lines = (isWide ? bytes.toString('utf16le') : bytes.toString('utf8')).split(/\r?\n/);
  return lines
    .filter((line) => /^[^,]*, Error\b/.test(line))
    .slice(-3)
    .map((line) => line.slice(0, 400));
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
