import { readFile } from 'node:fs/promises';
import { StepError } from '../../../../sequence/step-error.ts';
import type { RunWindowsTool, ToolCommand, ToolRun } from '../../run-tool.ts';
import { toolFailure } from '../../run-tool.ts';
import { programExit } from '../../tools/exit-codes.ts';
import type { Win32 } from '../../win32.ts';
import { control } from '../drive-answers.ts';
import {
  deviceAnswer,
  deviceIdAnswer,
  extentsAnswer,
  geometryAnswer,
  layoutAnswer,
} from './driver-answers.ts';
import { type DiskpartFaults, simulatedDiskpart } from './simulated-diskpart.ts';
import type { SimulatedDrive } from './simulated-drive.ts';

/** Disks of a Windows machine in memory: what its drivers answer, and a diskpart that acts on them. */
export class SimulatedDrives {
  readonly drives: SimulatedDrive[];
  /** Every script of diskpart, without carriage returns. */
  readonly scripts: string[] = [];
  readonly flushed: string[] = [];
  faults: DiskpartFaults;
  /** Tools beside diskpart. */
  tools: Record<string, (command: ToolCommand) => Promise<Partial<ToolRun>>> = {};
  readonly commands: (readonly string[])[] = [];

  constructor(drives: SimulatedDrive[], faults: DiskpartFaults = {}) {
    this.drives = drives;
    this.faults = faults;
  }

  /** `\\?\Volume{…}\` of what Windows makes a volume of, by its partition. */
  #volumes() {
    return this.drives.flatMap((drive) =>
      drive.partitions
        .filter(({ code }) => !/^(?:e3c9e316|0?[5f]$)/.test(code))
        .map((partition) => ({
          drive,
          partition,
          name: `\\\\?\\Volume{${partition.guid ?? `${drive.tableId}-${partition.startBytes}`}}\\`,
        })),
    );
  }

  #volume(name: string) {
    const found = this.#volumes().find((each) => each.name === name);
    if (found === undefined) throw new StepError('windows.call', `there is no ${name}`);
    return found;
  }

  readonly win32: Win32 = {
    oemCodePage: () => 437,
    smbiosTable: () => new Uint8Array(),
    firmwareKind: () => 'uefi',
    createJob: () => undefined,
    driveType: () => 3,
    volumes: () => this.#volumes().map(({ name }) => name),
    mountPoints: (name) => {
      const { letter } = this.#volume(name).partition;
      return letter === undefined ? [] : [`${letter}:\\`];
    },
    setMountPoint: (point, name) => {
      this.#volume(name).partition.letter = point.charAt(0);
    },
    removeMountPoint: (point) => {
      for (const { partition } of this.#volumes())
        if (`${partition.letter}:\\` === point) partition.letter = undefined;
    },
    volumeInformation: (name) => {
      const { fileSystem, label = '' } = this.#volume(name).partition;
      return fileSystem === undefined ? undefined : { fileSystem, label };
    },
    setVolumeLabel: (name, label) => {
      this.#volume(name).partition.label = label;
    },
    flushVolume: (name) => {
      this.#volume(name);
      this.flushed.push(name);
    },
    deviceControl: (device, { code, input }) => {
      const volume = this.#volumes().find(({ name }) => name === `${device}\\`);
      if (volume !== undefined && code === control.extents)
        return extentsAnswer(volume.drive.number, volume.partition);
      const number = /^\\\\\.\\PhysicalDrive(\d+)$/.exec(device)?.[1];
      const found = this.drives.find((each) => String(each.number) === number);
      return found && answer(found, code, input?.[0]);
    },
  };

  readonly runTool: RunWindowsTool = async (command, signal) => {
    signal.throwIfAborted();
    const [program, ...args] = command.argv;
    this.commands.push(command.argv);
    const ended = await this.#end(program, args, command);
    const code = ended.code ?? 0;
    const output = ended.output ?? ended.stdout ?? '';
    const run = { stdout: output, output, ...ended, code, exit: programExit(program, code) };
    const isAllowed =
      command.allowed === 'any' || command.allowed?.includes(code) || run.exit.outcome !== 'failed';
    if (!isAllowed) throw toolFailure(command, run);
    return run;
  };

  async #end(
    program: string,
    args: readonly string[],
    command: ToolCommand,
  ): Promise<Partial<ToolRun>> {
    if (program === 'diskpart.exe') {
      const script = (await readFile(args[1] ?? '', 'utf8')).replaceAll('\r', '');
      this.scripts.push(script);
      return simulatedDiskpart(script, this.drives, this.faults);
    }
    const tool = this.tools[program];
    if (tool === undefined) throw new StepError('process.not-found', `there is no ${program}`);
    return tool(command);
  }
}

function answer(found: SimulatedDrive, code: number, propertyId?: number): Uint8Array | undefined {
  switch (code) {
    case control.geometry:
      return geometryAnswer(found);
    case control.layout:
      return layoutAnswer(found);
    case control.property:
      return propertyId === 0 ? deviceAnswer(found) : deviceIdAnswer(found);
    case control.isWritable:
      return found.readOnly === true ? undefined : new Uint8Array();
    case control.attributes:
      return Buffer.from([16, 0, 0, 0, 0, 0, 0, 0, found.notes ?? 0, 0, 0, 0, 0, 0, 0, 0]);
    case control.scsiAddress:
      return Buffer.from([8, 0, 0, 0, 1, 0, found.number, 0]);
    default:
      return undefined;
  }
}
