import { posix } from 'node:path';
import type { DriverFacts } from '../../../drivers/driver-facts.ts';
import type { MachineArchitecture } from '../../../protocol/identity.ts';
import type { DiskCapability, StepProgress, VolumeId } from '../../../sequence/platform.ts';
import { StepError } from '../../../sequence/step-error.ts';
import type { DriverOutcome } from '../../../sequence/windows-capability.ts';
import { type RunWindowsTool, type ToolRun, toolFailure } from '../run-tool.ts';
import { parseAddedDrivers } from '../tools/dism/problem.ts';
import { type InstalledDriver, parseDismDrivers } from '../tools/installed-drivers.ts';
import { readInfFolder } from './inf-folder.ts';

/** 500 drivers of graphics cards, on a slow disk. */
const TIMEOUT_MS = 2 * 60 * 60_000;
const LIST_TIMEOUT_MS = 15 * 60_000;

export interface AddDriversParts {
  readonly runTool: RunWindowsTool;
  readonly disk: Pick<DiskCapability, 'mount'>;
  readonly log: (message: string) => void;
  /** Of the Windows on a volume. */
  readonly architectureOf: (volume: VolumeId, signal: AbortSignal) => Promise<MachineArchitecture>;
}
interface AddDriversRequest {
  readonly volume: VolumeId;
  readonly folder: string;
  readonly recurse: boolean;
  readonly unsigned: boolean;
  readonly options: readonly string[];
}

/**
 * Puts drivers into the store of a Windows that does not run, by `dism /Add-Driver`. Whether one is there
 * afterwards is read back, by name and version: dism has ended well having done nothing, and says of single
 * drivers in words of its language only. @throws {StepError} `drivers.*`, `dism.output`, `tool.*`
 */
export async function* addDrivers(
  { runTool, disk, log, architectureOf }: AddDriversParts,
  { volume, folder, recurse, unsigned, options }: AddDriversRequest,
  signal: AbortSignal,
): AsyncGenerator<StepProgress, DriverOutcome> {
  const architecture = await architectureOf(volume, signal);
  const { drivers, others } = await readInfFolder(folder, recurse);
  for (const { inf, reason } of others) log(`${inf} is no driver: ${reason}`);
  const expected = drivers.filter((facts) => isFor(facts, architecture));
  for (const { inf } of drivers)
    if (!expected.some((each) => each.inf === inf)) log(`${inf} is not for ${architecture}`);
  if (expected.length === 0) throw noDrivers(folder, recurse, architecture);

  await using mounted = await disk.mount(volume, signal);
  const image = `/Image:${rootOf(mounted.path)}`;
  const argv = [
    'dism.exe',
    image,
    '/Add-Driver',
    `/Driver:${folder}`,
    ...(recurse ? ['/Recurse'] : []),
    ...(unsigned ? ['/ForceUnsigned'] : []),
    ...options,
  ] as const;
  yield { detail: `${expected.length} drivers` };
  const run = yield* withProgress(
    (onOutput) => runTool({ argv, timeoutMs: TIMEOUT_MS, allowed: 'any', onOutput }, signal),
    expected.length,
  );

  const list = await runTool(
    { argv: ['dism.exe', image, '/Get-Drivers', '/Format:List'], timeoutMs: LIST_TIMEOUT_MS },
    signal,
  );
  const store = parseDismDrivers(list.stdout);
  const refused = expected.filter((facts) => !isInStore(facts, store)).map(({ inf }) => inf);
  for (const inf of refused) log(`Refused: ${inf}: ${saidOf(inf, run)}`);
  if (refused.length === expected.length) throw nothingAdded(argv, run, refused);
  if (run.exit.outcome === 'failed')
    log(`dism ended with exit code ${run.code}: ${run.exit.meaning}`);
  return { kind: 'in-store', added: expected.length - refused.length, refused };
}

/** Yields how far dism is while it runs: it names each driver when it comes to it. */
async function* withProgress(
  start: (onOutput: (text: string) => void) => Promise<ToolRun>,
  total: number,
): AsyncGenerator<StepProgress, ToolRun> {
  let output = '';
  let told = 0;
  let wake = Promise.withResolvers<void>();
  const running = start((text) => {
    // Only whole lines are read, and none twice.
    output += text;
    const end = output.lastIndexOf('\n') + 1;
    told += parseAddedDrivers(output.slice(0, end)).length;
    output = output.slice(end);
    wake.resolve();
  });
  const ended = running.then(
    () => 'ended' as const,
    () => 'ended' as const,
  );
  let shown = 0;
  for (;;) {
    const what = await Promise.race([ended, wake.promise]);
    wake = Promise.withResolvers<void>();
    if (told > shown) {
      shown = told;
      yield { detail: `${Math.min(shown, total)} of ${total} drivers` };
    }
    if (what === 'ended') break;
  }
  return running;
}

/** A driver without models, as one that is only installed by hand, is for the processors of its sections. */
function isFor({ sections }: DriverFacts, architecture: MachineArchitecture): boolean {
  return sections.some((section) => section.architecture === architecture);
}

function isInStore({ inf, version }: DriverFacts, store: readonly InstalledDriver[]): boolean {
  const name = posix.basename(inf).toLowerCase();
  return store.some(
    ({ originalName, version: stored }) =>
      originalName?.toLowerCase() === name && (version === null || sameVersion(stored, version)),
  );
}

function sameVersion(stored: string | null, version: string): boolean {
  return stored === null || stored.split('.').map(Number).join('.') === version;
}

/** What dism printed of one driver, in its language. */
function saidOf(inf: string, { output }: ToolRun): string {
  const ending = `/${inf.toLowerCase()}`;
  const found = parseAddedDrivers(output).find((each) =>
    each.inf.toLowerCase().replaceAll('\\', '/').endsWith(ending),
  );
  return found?.message ?? 'dism did not name it';
}

/** `W:\`: dism takes the root of a volume with its backslash only. */
function rootOf(path: string): string {
  return /[\\/]$/.test(path) ? path : `${path}\\`;
}

function noDrivers(folder: string, recurse: boolean, architecture: MachineArchitecture): StepError {
  return new StepError('drivers.no-inf', `There is no driver for ${architecture} in ${folder}`, {
    hint: recurse
      ? 'Add the unpacked drivers as a package: INF files with what they name.'
      : 'If they are in folders below it, set recurse.',
    exitCode: 0x80070002,
  });
}

/** With a failure of dism it is its own error; without one it ended well having done nothing. */
function nothingAdded(
  argv: readonly [string, ...string[]],
  run: ToolRun,
  refused: readonly string[],
): StepError {
  if (run.exit.outcome === 'failed') return toolFailure({ argv }, run);
  return new StepError(
    'drivers.refused',
    `None of the drivers is in the driver store: ${refused.slice(0, 20).join(', ')}`,
    { hint: 'dism.log in the log of the run says why.', exitCode: 0x800f0247 },
  );
}
