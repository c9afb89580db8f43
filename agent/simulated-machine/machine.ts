import type { FirmwareKind, MachineArchitecture } from '#agent/protocol/identity.ts';
import type { Environment } from '#agent/protocol/policy.ts';
import type { NextBoot } from '#agent/protocol/run-event.ts';
import type { TpmState } from '#agent/sequence/bitlocker-capability.ts';
import type { CaptureState } from '#agent/sequence/capture-capability.ts';
import type { Platform, ProcessResult, VolumeId } from '#agent/sequence/platform.ts';
import { StepError } from '#agent/sequence/step.ts';
import type { HardwareDevice, OfflineWindowsFacts } from '#agent/sequence/windows-capability.ts';
import { SimulatedBitLocker } from './bitlocker.ts';
import { type CapturedWim, simulatedCapture, simulatedGeneralize } from './capture.ts';
import { SimulatedNetwork } from './network.ts';
import { Power } from './power.ts';
import { type SimulatedFacts, simulatedQuery } from './query.ts';
import { ScratchFolders } from './scratch.ts';
import { type SimulatedDisk, Storage } from './storage.ts';
import { simulatedWindows } from './windows.ts';

/** A program of the simulated machine: what it was called with, and what it answers. */
type SimulatedProgram = (
  argv: readonly string[],
  environment: Readonly<Record<string, string>>,
) => Partial<ProcessResult>;

/** A program that was run to its end, and how. */
export type SimulatedCommand = Parameters<Platform['process']['run']>[0];

/** What it is made as, and by `SimulatedFacts` what it answers to conditions. */
export interface SimulatedMachineOptions extends SimulatedFacts {
  readonly disks: readonly SimulatedDisk[];
  readonly architecture?: MachineArchitecture;
  readonly firmware?: FirmwareKind;
  readonly pe?: 'winpe' | 'linux-pe';
  /** Whether an operating system is on its first disk from the beginning, and is what it starts. */
  readonly installed?: boolean;
  /** Programs by name. */
  readonly programs?: Readonly<Record<string, SimulatedProgram>>;
  /** Any other program; without it, one ends with 127, as a shell says of what it does not find. */
  readonly otherProgram?: SimulatedProgram;
  /** The PowerShell there is, as the first words of an argv; null where there is none. */
  readonly powershell?: readonly [string, ...string[]] | null;
  /** What the Windows of its images says of itself, where it is not the plain one. */
  readonly windows?: Partial<OfflineWindowsFacts>;
  /** What a capture sees of a volume; by itself, of the last formatted one, a prepared Linux. */
  readonly captureState?: (volume: VolumeId) => CaptureState | undefined;
  /** Its devices, as drivers are matched with them. */
  readonly devices?: readonly HardwareDevice[];
  /** Moments at which the power is cut, counted from 1. */
  readonly powerCuts?: Iterable<number>;
}

/**
 * A machine in memory: disks, volumes, boot entries, programs, power. It lives on over its restarts;
 * `start` gives the `Platform` of one start, which ends with a restart or a power cut.
 */
export class SimulatedMachine {
  readonly storage: Storage;
  readonly power: Power;
  readonly architecture: MachineArchitecture;
  readonly firmware: FirmwareKind;
  /** Every program that was run to its end, over all starts. */
  readonly commands: (readonly string[])[] = [];
  /** The same with all that was said of how to run them. */
  readonly runs: SimulatedCommand[] = [];
  readonly scratch = new ScratchFolders();
  readonly network = new SimulatedNetwork();
  readonly bitLocker: SimulatedBitLocker;
  /** Images as they were applied, and the folders that stayed. */
  readonly applied: { readonly volume: VolumeId; readonly keep: readonly string[] }[] = [];
  /** Images that were made of it. */
  readonly captured: CapturedWim[] = [];
  /** What was done to make its system one for any machine. */
  readonly prepared: string[] = [];
  readonly #options: SimulatedMachineOptions;
  readonly #pe: 'winpe' | 'linux-pe';
  /** Whether the operating system that was there from the beginning still is. */
  #hasFirstSystem: boolean;
  /** Boot entries of the firmware, the first is started: they outlive a power cut. */
  #bootEntries: { readonly system: VolumeId; readonly title: string }[] = [];

  constructor(options: SimulatedMachineOptions) {
    this.storage = new Storage(options.disks);
    this.power = new Power(options.powerCuts ?? [], () => this.storage.dropUnflushed());
    this.bitLocker = new SimulatedBitLocker(tpmOf(options));
    this.architecture = options.architecture ?? 'x64';
    this.firmware = options.firmware ?? 'uefi';
    this.#options = options;
    this.#pe = options.pe ?? 'linux-pe';
    this.#hasFirstSystem = options.installed === true;
  }

  get bootEntries(): readonly { readonly system: VolumeId; readonly title: string }[] {
    return this.#bootEntries;
  }

  /** What a run begins in. */
  get firstBoot(): NextBoot {
    return this.#options.installed === true ? 'disk' : 'pe';
  }

  /** Whether an operating system starts from the disk: an entry, its loader, and all of its files. */
  get bootable(): boolean {
    if (this.#hasFirstSystem) return true;
    const [entry] = this.#bootEntries;
    if (entry === undefined || !this.storage.has(entry.system)) return false;
    const { loaderFor } = this.storage.read(entry.system);
    return (
      loaderFor !== null &&
      this.storage.has(loaderFor) &&
      this.storage.read(loaderFor).image?.complete === true
    );
  }

  /** Powers it on. From the disk only if it was told so and there is something to start; else the PE. */
  start(next: NextBoot): Platform {
    const tick = this.power.start();
    const environment = next === 'disk' && this.bootable ? 'full-os' : this.#pe;
    return this.#platform(environment, tick);
  }

  #isWindows(environment: Environment): boolean {
    const family = environment === 'full-os' ? this.#options.os?.family : undefined;
    return environment === 'winpe' || family === 'windows';
  }

  /** Of the operating system that starts: what the first boot entry leads to, else the first that could be one. */
  #systemVolume(): VolumeId {
    const [entry] = this.#bootEntries;
    const started = entry && this.storage.read(entry.system).loaderFor;
    const primary = this.storage
      .list()
      .flatMap(({ partitions }) => partitions)
      .find(({ type }) => type === 'primary');
    const volume = started ?? primary?.volume;
    if (volume !== undefined) return volume;
    throw new StepError('bitlocker.no-drive', 'There is no drive of an operating system');
  }

  /** Free for the operating system that starts; where no partition is described, its disk is taken for empty. */
  #systemSpace(): number | null {
    const [first] = this.storage.list();
    if (first === undefined || first.partitions.length === 0) return first?.sizeBytes ?? null;
    return this.storage.freeBytes(this.#systemVolume());
  }

  #captureState(volume: VolumeId): CaptureState {
    const last = this.storage
      .list()
      .flatMap(({ partitions }) => partitions)
      .findLast(({ fileSystem }) => fileSystem !== '');
    const system =
      last?.volume === volume
        ? ({
            kind: 'linux',
            architecture: null,
            name: 'Linux',
            identity: [],
            swapFiles: [],
          } as const)
        : null;
    return this.#options.captureState?.(volume) ?? { problem: null, system };
  }

  #platform(environment: Environment, tick: () => void): Platform {
    const { storage, applied } = this;
    const install = (system: VolumeId, os: VolumeId, title: string) => {
      storage.write(system, { loaderFor: os });
      tick();
      const others = this.#bootEntries.filter((entry) => entry.system !== system);
      this.#bootEntries = [{ system, title }, ...others];
    };
    const loseFirstSystem = (volume: VolumeId) => {
      const [first] = storage.list();
      if (first?.partitions.some((partition) => partition.volume === volume) === true)
        this.#hasFirstSystem = false;
    };
    return {
      environment,
      architecture: this.architecture,
      firmware: this.firmware,
      disk: {
        async list() {
          tick();
          return storage.list();
        },
        partition: async ({ disk, style, partitions }) => {
          tick();
          if (disk.number === 0) this.#hasFirstSystem = false;
          storage.erase(disk.number);
          tick();
          return storage.partition(disk.number, style, partitions);
        },
        async flush(volume) {
          tick();
          storage.flush(volume);
        },
        freeBytes: async (volume) => {
          tick();
          return volume === null ? this.#systemSpace() : storage.freeBytes(volume);
        },
        async mount(volume) {
          tick();
          storage.read(volume);
          return { path: `/simulated/${volume}`, async [Symbol.asyncDispose]() {} };
        },
      },
      image: {
        async *apply({ source, index, volume, fileSystem, expectedBytes, wipe = true, keep = [] }) {
          applied.push({ volume, keep });
          if (!wipe) {
            tick();
            yield { doneBytes: expectedBytes, totalBytes: expectedBytes };
            return;
          }
          const name = `${source.path}#${index}`;
          tick();
          loseFirstSystem(volume);
          storage.format(volume, '');
          tick();
          storage.format(volume, fileSystem);
          storage.write(volume, { image: { name, complete: false } });
          yield { doneBytes: 0, totalBytes: expectedBytes };
          tick();
          storage.write(volume, { image: { name, complete: true } });
          yield { doneBytes: expectedBytes, totalBytes: expectedBytes };
        },
      },
      boot: {
        async install({ systemVolume, osVolume, title }) {
          tick();
          if (storage.read(osVolume).image?.complete !== true)
            throw new StepError('boot.no-system', `There is no operating system on ${osVolume}`);
          install(systemVolume, osVolume, title);
        },
        bootable: async () => {
          tick();
          return this.bootable;
        },
      },
      process: {
        run: async (command) => {
          tick();
          const { argv, environment } = command;
          const program = ownOf(this.#options.programs, argv[0]) ?? this.#options.otherProgram;
          const result = program?.(argv, environment) ?? { code: 127 };
          this.commands.push(argv);
          this.runs.push(command);
          tick();
          return { code: 0, output: '', timedOut: false, ...result };
        },
        scratch: async (files) => {
          tick();
          return this.scratch.make(files);
        },
        powershell: async () => {
          const { powershell = ['powershell.exe'], os } = this.#options;
          if (powershell !== null) return powershell;
          // Each Windows has it, whatever the PE has.
          if (environment === 'full-os' && os?.family === 'windows') return ['powershell.exe'];
          throw new StepError('powershell.missing', `There is no PowerShell in ${environment}`, {
            hint: 'Add it to the boot image, or use a command line.',
          });
        },
      },
      query: simulatedQuery(this.#options, {
        environment,
        architecture: this.architecture,
        pe: this.#pe,
      }),
      network: this.network.start(environment, tick),
      ...(this.#isWindows(environment)
        ? { bitLocker: this.bitLocker.start(() => this.#systemVolume(), tick) }
        : {}),
      windows: simulatedWindows({
        storage,
        tick,
        architecture: this.architecture,
        devices: this.#options.devices ?? [],
        facts: this.#options.windows ?? {},
        hasDism: environment !== 'linux-pe',
      }),
      ...(environment === 'full-os'
        ? {
            generalize: simulatedGeneralize(tick, {
              prepared: this.prepared,
              systemRoot: this.#isWindows(environment) ? 'C:\\Windows' : '/',
            }),
          }
        : {
            capture: simulatedCapture(tick, {
              captured: this.captured,
              stateOf: (volume) => this.#captureState(volume),
            }),
          }),
      power: {
        restart: async () => {
          tick();
          storage.flushAll();
          return this.power.restart();
        },
      },
    };
  }
}

function ownOf<Value>(
  record: Readonly<Record<string, Value>> | undefined,
  key: string,
): Value | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}

/** As its facts say; where they do not, there is one that can be used. */
function tpmOf({ inventory }: SimulatedFacts): TpmState | undefined {
  const rows = inventory?.['Win32_Tpm'];
  if (rows === undefined) return undefined;
  const enabled = rows[0]?.['IsEnabled_InitialValue'] === true;
  const version = rows[0]?.['SpecVersion'];
  return {
    present: rows.length > 0,
    enabled,
    activated: enabled,
    version: typeof version === 'string' ? version : null,
  };
}
