import { type Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';

import { type BootChainPut, BootChainView, SignerView } from '../http/api-netboot.ts';
import { ChainSettings, modelKey } from '../inventory/chain-settings.ts';
import type { ApiClient } from './api-client.ts';
import { CliError } from './cli-error.ts';
import { wantsJson, withApi, withServerOptions } from './client-command.ts';
import { findDevice, listDevices } from './device-lookup.ts';
import { writeList } from './table.ts';
import type { Terminal } from './terminal.ts';
import { formatTime } from './units.ts';

type Target = BootChainView['target'];
const TargetOptions = z.object({
  device: z.string().optional(),
  model: z.string().optional(),
  all: z.boolean().default(false),
});
const SetOptions = z.object({
  bootImage: z.string().optional(),
  chain: ChainSettings.shape.chain,
  signer: ChainSettings.shape.signer,
  blockSize: ChainSettings.shape.blockSize,
  windowSize: ChainSettings.shape.windowSize,
});

/** `metalwright netboot chain set|reset|list|forget`. */
export function netbootChainCommand(netboot: Command, terminal: Terminal): void {
  const chain = netboot
    .command('chain')
    .description('how single machines, models or all are started: boot image, loader, TFTP sizes');

  withServerOptions(
    withTarget(chain.command('set').description('change settings; what is not named stays'))
      .option('--boot-image <image>', "boot image where no task sequence names one; '' is Linux PE")
      .addOption(
        new Option('--chain <chain>', 'the way to the boot image').choices([
          'auto',
          'linux-pe',
          'windows-pe',
          'wimboot',
        ]),
      )
      .addOption(
        new Option('--signer <year>', 'whose boot manager of Windows').choices([
          'auto',
          '2011',
          '2023',
        ]),
      )
      .option('--block-size <bytes>', 'of TFTP for boot.wim, 512 to 65464', within(512, 65_464))
      .option('--window-size <blocks>', 'of TFTP for boot.wim, 1 to 64', within(1, 64)),
  ).action(async (options: unknown) => {
    const { bootImage, ...rest } = SetOptions.parse(options);
    const wish = {
      ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)),
      ...(bootImage === undefined ? {} : { bootImage: bootImage === '' ? null : bootImage }),
    };
    if (Object.keys(wish).length === 0)
      throw new CliError('cli.usage', 'nothing to set', {
        hint: 'name --signer 2023, --chain, --boot-image, --block-size or --window-size',
        exitCode: 2,
      });
    const made = await withApi(terminal, options, async (api) => {
      const target = await readTarget(api, options);
      const before = (await listChains(api)).find((one) => isSame(one.target, target));
      return await put(api, { target, settings: { ...before?.settings, ...wish } });
    });
    terminal.out(`${describeChain(made)}\n`);
  });

  withServerOptions(
    withTarget(chain.command('reset').description('take all of these settings away again')),
  ).action(async (options: unknown) => {
    const made = await withApi(terminal, options, async (api) =>
      put(api, { target: await readTarget(api, options), settings: {} }),
    );
    terminal.out(`${describeChain(made)}\n`);
  });

  withServerOptions(
    chain
      .command('list')
      .description('what is set, and what boot managers have shown of Secure Boot')
      .option('--json', 'as JSON'),
  ).action(async (options: unknown) => {
    const [chains, signers] = await withApi(terminal, options, async (api) => [
      await listChains(api),
      await api.call('GET', '/netboot/signers', z.array(SignerView)),
    ]);
    if (wantsJson(options)) {
      terminal.out(`${JSON.stringify({ chains, signers }, null, 2)}\n`);
      return;
    }
    for (const one of chains) terminal.out(`${describeChain(one)}\n`);
    writeList(terminal, signers, {
      json: false,
      empty: 'no boot manager of Windows was started yet',
      columns: [
        { title: 'MACHINE', value: (row) => row.deviceName ?? row.machine },
        { title: 'SIGNER', value: (row) => row.signer },
        { title: 'SECURE BOOT', value: describeMemory },
        { title: 'LAST', value: (row) => formatTime(row.changedMs) },
      ],
    });
  });

  withServerOptions(
    chain
      .command('forget')
      .description('forget what was learned of the Secure Boot of a machine')
      .requiredOption('--device <device>', 'id, serial number, MAC address or name'),
  ).action(async (options: unknown) => {
    const wanted = z.object({ device: z.string() }).parse(options).device;
    const device = await withApi(terminal, options, async (api) => {
      const found = findDevice(await listDevices(api), wanted);
      await api.call('DELETE', `/netboot/signers/${found.id}`, z.null());
      return found;
    });
    terminal.out(`${device.name}: the next boot begins anew\n`);
  });
}

/** The settings of one target in a line. */
function describeChain({ target, label, settings }: BootChainView): string {
  const { bootImage, chain, signer, blockSize, windowSize } = settings;
  const parts = [
    ...(bootImage === undefined ? [] : [`boot image ${bootImage ?? 'Linux PE'}`]),
    ...(chain === undefined ? [] : [`chain ${chain}`]),
    ...(signer === undefined ? [] : [`boot manager signed by ${signer}`]),
    ...(blockSize === undefined ? [] : [`blocks of ${blockSize} bytes`]),
    ...(windowSize === undefined ? [] : [`windows of ${windowSize}`]),
  ];
  const whom = target.scope === 'all' ? label : `${target.scope} ${label}`;
  return `${whom}: ${parts.length === 0 ? 'nothing is set' : parts.join(', ')}`;
}

function describeMemory({ failures, loaded }: SignerView): string {
  if (failures > 0) return `fetched ${failures} times, nothing followed`;
  return loaded ? 'has loaded' : '';
}

function withTarget(command: Command): Command {
  return command
    .option('--device <device>', 'one machine: id, serial number, MAC address or name')
    .option('--model <make and model>', 'all of a model, "Dell Inc. Latitude 7450"')
    .option('--all', 'all machines for which nothing else is set');
}

async function readTarget(api: ApiClient, options: unknown): Promise<Target> {
  const { device, model, all } = TargetOptions.parse(options);
  if ([device !== undefined, model !== undefined, all].filter(Boolean).length !== 1)
    throw new CliError('cli.usage', 'whom this is for must be said, once', {
      hint: 'name --device <device>, or --model "Make Model", or --all',
      exitCode: 2,
    });
  if (device !== undefined)
    return { scope: 'device', device: findDevice(await listDevices(api), device).id };
  return model === undefined ? { scope: 'all' } : { scope: 'model', model };
}

async function put(api: ApiClient, json: BootChainPut): Promise<BootChainView> {
  const chains = await api.call('PUT', '/netboot/chains', z.array(BootChainView), { json });
  const { target } = json;
  const label = target.scope === 'model' ? target.model : '';
  const device =
    target.scope === 'device'
      ? (await listDevices(api)).find(({ id }) => id === target.device)
      : undefined;
  return (
    chains.find((one) => isSame(one.target, target)) ?? {
      target,
      label: device?.name ?? label,
      settings: {},
    }
  );
}

function isSame(one: Target, other: Target): boolean {
  switch (one.scope) {
    case 'all':
      return other.scope === 'all';
    case 'device':
      return other.scope === 'device' && one.device === other.device;
    case 'model':
      return other.scope === 'model' && modelKey(one.model) === modelKey(other.model);
  }
}

function listChains(api: ApiClient): Promise<BootChainView[]> {
  return api.call('GET', '/netboot/chains', z.array(BootChainView));
}

/** Reads a whole number of that range. */
function within(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= low && value <= high) return value;
    throw new InvalidArgumentError(`write a whole number from ${low} to ${high}`);
  };
}
