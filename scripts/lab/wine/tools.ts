import type { LabDisk } from './disks.ts';
import type { StandInTool } from './stand-in-server.ts';
import { bcdboot, bcdedit } from './tools/bcd.ts';
import { diskpart } from './tools/diskpart.ts';
import { type DismHooks, dism } from './tools/dism.ts';
import { type BitLockerVolume, manageBde } from './tools/manage-bde.ts';
import type { PrintedForms } from './tools/printed-forms.ts';
import { reg } from './tools/reg.ts';

/** What the tools of one computer work on. */
export interface ToolsOf extends DismHooks {
  readonly disk: LabDisk;
  readonly forms: PrintedForms;
  /** Where the lab has a path of Windows. */
  readonly hostPath: (path: string) => Promise<string | undefined>;
  readonly bitLocker: Map<string, BitLockerVolume>;
  /** Restarts the computer. */
  readonly power: StandInTool;
}

/** The tools of Windows that Wine has not, or that do nothing there, each by its name. */
export function standInTools(of: ToolsOf): Readonly<Record<string, StandInTool>> {
  const { disk, forms, hostPath, bitLocker, power } = of;
  const volumeOf = (letter: string) => disk.volumes.find((each) => each.letter === letter)?.guid;
  const nothing: StandInTool = async () => 0;
  return {
    diskpart: diskpart(disk, forms),
    dism: dism(hostPath, forms, of),
    bcdboot: bcdboot(disk, hostPath),
    bcdedit,
    reg: reg(hostPath),
    'manage-bde': manageBde(forms, volumeOf, bitLocker),
    wpeutil: power,
    shutdown: power,
    drvload: nothing,
    powercfg: nothing,
    takeown: nothing,
    icacls: nothing,
  };
}
