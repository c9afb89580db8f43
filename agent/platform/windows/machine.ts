import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { VolumeId } from '../../sequence/platform.ts';
import { fetchAgent } from '../../transport/fetch-agent.ts';
import type { Machine, MachineSettings } from '../machine.ts';
import { agentSettingsOf } from '../offline-windows/install-agent.ts';
import { isEncrypted, windowsBitLocker } from './bitlocker/bitlocker.ts';
import { windowsBoot } from './boot.ts';
import { windowsCapture } from './capture.ts';
import { valueOf } from './child-environment.ts';
import { scriptObjects } from './com-registration.ts';
import { windowsContentShares } from './content-shares.ts';
import { dataFolderOnDisk } from './data-folder.ts';
import { bootDrive } from './disk/boot-drive.ts';
import { windowsDisk } from './disk.ts';
import { windowsDrivers } from './drivers/drivers.ts';
import { embeddedLibraries } from './embedded-libraries.ts';
import { windowsGeneralize } from './generalize.ts';
import { readWindowsIdentity } from './identity.ts';
import { windowsImage } from './image.ts';
import { windowsJournalPlaces } from './journal-places.ts';
import { windowsNetwork } from './network.ts';
import { windowsOffline } from './offline/offline.ts';
import { removeAgentFromWindows } from './offline/remove-agent.ts';
import { openCommandPrompt } from './open-command-prompt.ts';
import type { WindowsMachineParts } from './parts.ts';
import { pciDevices } from './pci-devices.ts';
import { windowsPower } from './power.ts';
import { windowsProcess } from './process-capability.ts';
import { nodeParts } from './query/node-parts.ts';
import { openWindowsQuery } from './query/query.ts';
import { openRegistry } from './query/registry.ts';
import { windowsTools } from './run-tool.ts';
import { scratchFolders } from './scratch.ts';
import { loadDrivers, type TellStart, waitForNetwork } from './start-pe.ts';
import { firmwareVariable } from './win32/firmware-variable.ts';
import { openWin32 } from './win32.ts';

const CODE_PAGE_KEY = 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Nls\\CodePage';

/** What a start in Windows is told beside what any machine is. */
export interface WindowsSettings extends MachineSettings {
  /** Driver folders to be loaded in Windows PE, in this order. */
  readonly drivers: readonly string[];
  readonly tell: TellStart;
  /** This agent as the first words of an argv. */
  readonly agentArgv: readonly [string, ...string[]];
}

/**
 * This machine: Windows PE, or the Windows installed on it. In Windows PE the drivers of the boot image are
 * loaded first, and a network address waited for.
 */
export async function windowsMachine(
  settings: WindowsSettings,
  signal: AbortSignal,
): Promise<Machine> {
  const { environment, log } = settings;
  const win32 = openWin32();
  if (!win32) log('This Node makes no calls of Windows: what they tell is taken from the registry');
  const query = nodeParts('64');
  const registry = openRegistry(query, '64');
  const found = await registry.read(CODE_PAGE_KEY, 'OEMCP', signal);
  const codePage = win32?.oemCodePage() ?? Number(found?.value?.data ?? 437);
  const runTool = windowsTools(codePage, win32);
  if (environment === 'winpe') {
    const { networkInterfaces } = query;
    const start = { runTool, log, tell: settings.tell, networkInterfaces };
    await loadDrivers(settings.drivers, start, signal);
    const devices = async () => pciDevices(registry, signal);
    await waitForNetwork({ ...start, pciDevices: devices }, signal);
  }
  const identity = await readWindowsIdentity(
    { win32, registry, query, bootMac: settings.bootMac },
    signal,
  );
  const parts: WindowsMachineParts = {
    runTool,
    win32,
    registry,
    query,
    identity,
    settings,
    systemRoot: valueOf(query.environment, 'SystemRoot') ?? 'X:\\Windows',
    scratch: scratchFolders({
      parent: join(settings.stateFolder, 'scratch'),
      hasAccounts: environment === 'full-os',
      runTool,
    }),
    log,
  };
  const disk = windowsDisk(parts, {
    beforeErase: async (each) => journals.erasing(each),
    ...(environment === 'winpe'
      ? { bootDrive: async (asking: AbortSignal) => bootDrive(registry, asking) }
      : {}),
  });
  const journals = windowsJournalPlaces(disk, identity.firmware);
  const windowsQuery = await openWindowsQuery(query);
  const bitLocker = windowsBitLocker({
    ...parts,
    query: windowsQuery,
    disk,
    wait: async (ms, signal) => sleep(ms, undefined, { signal }),
  });
  const objects = scriptObjects(parts, {
    folder: join(settings.stateFolder, 'com'),
    libraries: embeddedLibraries(),
  });
  const encrypted = async (volume: VolumeId, asking: AbortSignal): Promise<boolean> =>
    isEncrypted(bitLocker, volume, asking);
  const windows = windowsOffline({
    disk,
    parts: { ...parts, wait: async (ms, signal) => sleep(ms, undefined, { signal }) },
    agent: {
      settings: () => agentSettingsOf(settings.agentEnvironment()),
      siteCa: settings.siteCa,
      fetch: fetchAgent,
    },
    folder: join(settings.stateFolder, 'windows'),
    drivers: (facts) => windowsDrivers(parts, { disk, facts }),
  });
  const network = windowsNetwork({
    runTool,
    log,
    agent: settings.agentArgv,
    isPe: environment === 'winpe',
    systemRoot: parts.systemRoot,
  });
  const contentShares = windowsContentShares(network);
  return {
    identity,
    journals,
    contentFolder: join(settings.stateFolder, 'content'),
    ...(environment === 'full-os' ? { cacheFolder: join(parts.systemRoot, 'ccmcache') } : {}),
    contentShares,
    platform: {
      environment,
      architecture: identity.architecture,
      firmware: identity.firmware,
      disk,
      image: windowsImage(parts, {
        disk,
        isEncrypted: encrypted,
      }),
      boot: windowsBoot({ ...parts, firmwareVariable }, { disk }),
      process: windowsProcess({ ...parts, codePage, agentArgv: settings.agentArgv }),
      power: windowsPower({ environment, runTool, win32, log }),
      query: windowsQuery,
      windows,
      bitLocker,
      network,
      ...(environment === 'winpe'
        ? { capture: windowsCapture(parts, { disk, windows, isEncrypted: encrypted }) }
        : {}),
      ...(environment === 'full-os'
        ? {
            generalize: windowsGeneralize({
              ...parts,
              network,
              isEncrypted: async (asking) =>
                encrypted(await bitLocker.volumeOf(null, asking), asking),
              clientCache: join(parts.systemRoot, 'ccmcache'),
            }),
          }
        : {}),
    },
    dataFolder: async () => dataFolderOnDisk(win32),
    ...(environment === 'winpe'
      ? { openCommandPrompt: async () => openCommandPrompt(parts.systemRoot, query.environment) }
      : {}),
    removeAgent: async () => {
      // In Windows PE it is gone with the next start.
      if (environment === 'full-os')
        await removeAgentFromWindows(parts, AbortSignal.timeout(60_000));
    },
    attended: true,
    scriptObjects: objects,
    [Symbol.asyncDispose]: async () => {
      await contentShares[Symbol.asyncDispose]();
      await objects[Symbol.asyncDispose]();
    },
  };
}
