import { SERVICE_NAME } from '#agent/windows-setup/service.ts';
import { runCommand } from '../child.ts';
import type { LabVolume } from './disks.ts';
import { findWithoutCase } from './windows-paths.ts';

/** A Windows on a volume, and how it starts the agent. */
export interface InstalledWindows {
  readonly volume: LabVolume;
  /** Command of the service, as its ImagePath in the registry has it. */
  readonly imagePath: string;
  /** What runs it without a service control manager. */
  readonly argv: readonly [string, ...string[]];
}

/** Finds the volume whose registry has the agent's service, by hivexget. */
export async function findInstalledWindows(
  volumes: readonly LabVolume[],
): Promise<InstalledWindows | undefined> {
  for (const volume of volumes) {
    const hive = await findWithoutCase(volume.folder, ['Windows', 'System32', 'config', 'SYSTEM']);
    if (hive === undefined) continue;
    const key = `\\ControlSet001\\Services\\${SERVICE_NAME}`;
    const value = await runCommand(['hivexget', hive, key, 'ImagePath'], { accept: [1] });
    const imagePath = value.trim();
    if (imagePath === '') continue;
    const root = `${volume.letter}:\\Windows`;
    const program = imagePath.replaceAll('"', '').replace(/%SystemRoot%/i, root);
    return { volume, imagePath, argv: [program, '--console'] };
  }
  return undefined;
}
