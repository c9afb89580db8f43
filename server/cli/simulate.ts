import { dirname } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { SimulationReport } from '#agent/simulated-machine/report.ts';
import { simulate } from '#agent/simulated-machine/simulate.ts';
import { SimulationError } from '#agent/simulated-machine/simulation-error.ts';
import { steps } from '#agent/steps/index.ts';
import { CliError } from './cli-error.ts';
import { withApi, withServerOptions } from './client-command.ts';
import { findDevice, listDevices } from './device-lookup.ts';
import { namesFile, readTextFile } from './sequence-file.ts';
import { readSequenceTree } from './sequence-tree.ts';
import { readDeviceFile, readPackages } from './simulate-inputs.ts';
import { formatReport } from './simulate-text.ts';
import type { Terminal } from './terminal.ts';

const Options = z.object({
  device: z.string(),
  fail: z.array(z.object({ node: z.string(), code: z.number() })).default([]),
  answer: z.array(z.object({ node: z.string(), verdict: z.boolean() })).default([]),
  variable: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
  packages: z.string().optional(),
  sequences: z.string().optional(),
  json: z.boolean().default(false),
});
type Options = z.output<typeof Options>;

const CHILDREN_NOTE =
  'child task sequences are an optional feature: metalwright feature enable child-sequences';

/**
 * `metalwright sequence simulate`: what a run would do on a device. Exit code 0 where it would succeed, 1
 * where it would fail, 2 where nothing could be simulated.
 */
export function simulateCommand(sequence: Command, terminal: Terminal): void {
  withServerOptions(
    sequence
      .command('simulate')
      .argument('<sequence>', 'file, or id or name on the server')
      .description('what a run would do on a device: each step, its conditions, variables, content')
      .requiredOption('--device <device>', 'device file, or id or name on the server')
      .option('--fail <step=code>', 'a step ends with that exit code', collect(parseFail))
      .option('--answer <node=true|false>', 'a condition is that', collect(parseAnswer))
      .option('--variable <name=value>', 'a variable of the device', collect(parseVariable))
      .option('--packages <path>', 'file, or folder of files, that lists all content there is')
      .option('--sequences <folder>', "folder of child sequences (default: the sequence's own)")
      .option('--json', 'as JSON'),
  ).action(async (name: string, raw: unknown) => {
    const options = Options.parse(raw);
    const withFiles = namesFile(name) && namesFile(options.device);
    const report = await made(() =>
      withFiles ? simulateFiles(name, options) : simulateStored(terminal, { name, options, raw }),
    );
    terminal.out(options.json ? `${JSON.stringify(report, null, 2)}\n` : formatReport(report));
    const { succeeded, error } = report.result;
    if (!succeeded)
      throw new CliError(
        'simulate.fails',
        `the run would fail${error === null ? '' : `: ${error.message} (${error.code})`}`,
        { where: name },
      );
  });
}

async function simulateFiles(name: string, options: Options): Promise<SimulationReport> {
  const { device, packages, sequences = dirname(name) } = options;
  const sequence = await readSequenceTree(name, sequences);
  const report = await simulate({
    sequence,
    registry: steps,
    device: await readDeviceFile(device),
    content:
      packages === undefined
        ? { packages: [], others: 'assumed' }
        : { packages: await readPackages(packages), others: 'missing' },
    variables: options.variable.map((each) => ({ ...each, secret: false })),
    fail: options.fail,
    answers: options.answer,
  });
  const hasChildren = report.nodes.some(({ kind }) => kind === 'child');
  return hasChildren ? { ...report, notes: [...report.notes, CHILDREN_NOTE] } : report;
}

/** Sequence, device or both are the server's; a file goes along. Children and content are the server's too. */
async function simulateStored(
  terminal: Terminal,
  {
    name,
    options,
    raw,
  }: { readonly name: string; readonly options: Options; readonly raw: unknown },
): Promise<SimulationReport> {
  const { device, fail, answer, variable } = options;
  for (const option of ['packages', 'sequences'] as const)
    if (options[option] !== undefined)
      throw new CliError('cli.usage', `--${option} is for a sequence and a device that are files`, {
        hint: 'name files for both, or leave it out: the server knows its own',
      });
  const text = namesFile(name) ? await readTextFile(name) : undefined;
  const described = namesFile(device) ? await readDeviceFile(device) : undefined;
  return withApi(terminal, raw, async (api) => {
    const stored = async () => findDevice(await listDevices(api), device).id;
    const wish = {
      device: described ?? (await stored()),
      fail,
      answers: answer,
      variables: variable.map((each) => ({ ...each, secret: false })),
    };
    return text === undefined
      ? api.call('POST', `/sequences/${encodeURIComponent(name)}/simulate`, SimulationReport, {
          json: wish,
        })
      : api.call('POST', '/simulate', SimulationReport, { json: { ...wish, text } });
  });
}

/** What keeps a simulation from being made is exit code 2: 1 says that the run would fail. */
async function made<Result>(make: () => Promise<Result>): Promise<Result> {
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof CliError) && !(error instanceof SimulationError)) throw error;
    const { code, message, hint } = error;
    throw new CliError(code, message, {
      ...(error instanceof CliError && error.where !== undefined ? { where: error.where } : {}),
      ...(hint === undefined ? {} : { hint }),
      exitCode: 2,
      cause: error,
    });
  }
}

function collect<Value>(parse: (text: string) => Value) {
  return (text: string, before: readonly Value[] = []): readonly Value[] => [
    ...before,
    parse(text),
  ];
}

/** Splits at the last `=`: names of steps may hold one. */
function split(text: string): [string, string] {
  const at = text.lastIndexOf('=');
  return at < 1 ? [text, ''] : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}

/** @throws {InvalidArgumentError} */
function parseFail(text: string): { node: string; code: number } {
  const [node, value] = split(text);
  const code = /^(-?\d{1,10}|0x[\da-f]{1,8})$/i.test(value) ? Number(value) : Number.NaN;
  if (!(code !== 0 && code >= -0x8000_0000 && code <= 0xffff_ffff))
    throw new InvalidArgumentError('write the step and an exit code other than 0: "Install=1603"');
  return { node, code: code >>> 0 };
}

/** @throws {InvalidArgumentError} */
function parseAnswer(text: string): { node: string; verdict: boolean } {
  const [node, value] = split(text);
  const word = value.toLowerCase();
  if (word !== 'true' && word !== 'false')
    throw new InvalidArgumentError(
      'write the step or group, and true or false: "Is a laptop=true"',
    );
  return { node, verdict: word === 'true' };
}

/** A name that begins with `_` is let through: so a built-in variable is tried out. @throws {InvalidArgumentError} */
function parseVariable(text: string): { name: string; value: string } {
  const match = /^\s*([A-Za-z_][A-Za-z0-9_-]{0,255})\s*=([^]{0,4000})$/.exec(text);
  const [, name, value] = match ?? [];
  if (name === undefined || value === undefined)
    throw new InvalidArgumentError('write a variable and its value: OSDComputerName=PC1');
  return { name, value };
}
