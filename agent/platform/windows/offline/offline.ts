import { join } from 'node:path';
import { BcdError } from '#boot/bcd/bcd-error.ts';
import type { VolumeId } from '../../../sequence/platform.ts';
import { StepError } from '../../../sequence/step-error.ts';
import type { OfflineHive, WindowsCapability } from '../../../sequence/windows-capability.ts';
import { newPassword } from '../../new-password.ts';
import { factsOf } from '../../offline-windows/facts.ts';
import { findFile } from '../../offline-windows/folders.ts';
import { openHive } from '../../offline-windows/hive-file.ts';
import { installWindowsAgent, type WindowsAgent } from '../../offline-windows/install-agent.ts';
import { changeSmallFile, readSmallFile } from '../../offline-windows/small-files.ts';
import type { WindowsDisk } from '../disk.ts';
import { editHive, type RegistryParts } from './edit-registry.ts';

const CONFIG = '\\Windows\\System32\\config';

/**
 * Work on the Windows of a volume from Windows PE; of the Windows that runs, on its files. The volume has a drive
 * letter as long as that takes.
 */
export function windowsOffline(options: {
  readonly disk: Pick<WindowsDisk, 'letter' | 'flush'>;
  readonly parts: RegistryParts;
  readonly agent: WindowsAgent;
  /** Folder for what is fetched. */
  readonly folder: string;
  readonly drivers: (
    facts: WindowsCapability['facts'],
  ) => Pick<WindowsCapability, 'addDrivers' | 'devices'>;
  /** Of a drive letter: another folder in tests. */
  readonly rootOf?: (letter: string) => string;
}): WindowsCapability {
  const { disk, parts, agent, folder, rootOf = (letter) => `${letter}:\\` } = options;
  const onVolume = async <Result>(
    volume: VolumeId,
    signal: AbortSignal,
    work: (root: string) => Promise<Result>,
  ): Promise<Result> => {
    await using lent = await disk.letter(volume, signal);
    return await work(rootOf(lent.letter));
  };
  /** The newest changes of one that was not closed are in its logs: Windows takes them in when it loads it. */
  const wholeHive = async (root: string, hive: OfflineHive, signal: AbortSignal) => {
    try {
      return await openHive(root, hive);
    } catch (error) {
      const file = await findFile(root, `${CONFIG}\\${hive}`);
      if (!(error instanceof StepError) || error.code !== 'windows.hive-dirty' || !file)
        throw error;
      await editHive(parts, { file, hive, edits: [] }, signal);
      return await openHive(root, hive);
    }
  };
  const facts: WindowsCapability['facts'] = async (volume, signal) =>
    onVolume(volume, signal, async (root) => {
      const system = await wholeHive(root, 'SYSTEM', signal);
      const software = await wholeHive(root, 'SOFTWARE', signal);
      try {
        return factsOf(system.hive.root, software.hive.root);
      } catch (error) {
        if (!(error instanceof BcdError)) throw error;
        const { message } = error;
        throw new StepError('windows.hive', `The registry of the Windows is odd: ${message}`, {
          cause: error,
          hint: 'Add the image again from a good copy.',
        });
      }
    });
  return {
    facts,
    ...options.drivers(facts),
    newPassword,
    files: {
      read: async ({ volume, path }, signal) =>
        onVolume(volume, signal, async (root) => readSmallFile(root, path)),
      async change({ volume, changes }, signal) {
        await onVolume(volume, signal, async (root) => {
          for (const change of changes) {
            signal.throwIfAborted();
            await changeSmallFile(root, change);
          }
        });
        await disk.flush(volume, signal);
      },
    },
    async editRegistry({ volume, hive, edits }, signal) {
      await onVolume(volume, signal, async (root) => {
        const file = await findFile(root, `${CONFIG}\\${hive}`);
        if (file === undefined)
          throw new StepError('windows.none', `The volume has no ${CONFIG}\\${hive}`, {
            hint: 'Apply an image of Windows first.',
          });
        await editHive(parts, { file, hive, edits }, signal);
      });
      await disk.flush(volume, signal);
    },
    async installAgent({ volume, architecture }, signal) {
      await onVolume(volume, signal, async (root) =>
        installWindowsAgent(root, { architecture, agent, folder: join(folder, 'agent') }, signal),
      );
      await disk.flush(volume, signal);
    },
  };
}
