import { type Command, Option } from 'commander';
import { z } from 'zod';
import { NetbootSettings } from '../http/api.ts';
import { CliError } from './cli-error.ts';
import { wantsJson, withApi, withServerOptions } from './client-command.ts';
import { netbootChainCommand } from './netboot-chain.ts';
import { netbootWimbootCommand } from './netboot-wimboot.ts';
import { silencesCommand } from './report.ts';
import type { Terminal } from './terminal.ts';
import { parseCount, parseNames } from './units.ts';

const SetOptions = z.object({
  answerOn: z.array(z.string()).optional(),
  unknown: NetbootSettings.shape.unknownMachines.optional(),
  bootImage: z.string().optional(),
  windowsSetupLost: z.number().optional(),
  only: z.array(z.string()).optional(),
  ignore: z.array(z.string()).optional(),
  responseDelay: z.number().optional(),
  pxeMenu: z.enum(['on', 'off']).optional(),
});

/** `metalwright netboot show|set`, and what has files of its own. */
export function netbootCommand(program: Command, terminal: Terminal): void {
  const netboot = program.command('netboot').description('which network boots are answered');
  silencesCommand(netboot, terminal);
  withServerOptions(
    netboot.command('show').description('show the settings').option('--json', 'as JSON'),
  ).action(async (options: unknown) => {
    const settings = await withApi(terminal, options, (api) =>
      api.call('GET', '/netboot', NetbootSettings),
    );
    terminal.out(
      wantsJson(options) ? `${JSON.stringify(settings, null, 2)}\n` : describeNetboot(settings),
    );
  });

  withServerOptions(
    netboot
      .command('set')
      .description('change the settings; what is not named stays')
      .option(
        '--answer-on <interfaces>',
        "interfaces with commas between; '' answers nobody",
        parseNames,
      )
      .addOption(
        new Option('--unknown <what>', 'machines without a record').choices([
          'deploy',
          'ask',
          'ignore',
        ]),
      )
      .option(
        '--boot-image <image>',
        "boot image of machines without a record and of those that wait; '' is Linux PE",
      )
      .option(
        '--windows-setup-lost <minutes>',
        'silence after which a machine in Windows Setup counts as lost, 15 to 10080',
        parseCount,
      )
      .option(
        '--only <clients>',
        "clients that alone are answered, with commas between: 52:54:00, arch:uefi-x64, class:HTTPClient; '' answers all",
        parseNames,
      )
      .option('--ignore <clients>', "clients that are not answered; '' ends that", parseNames)
      .option(
        '--response-delay <seconds>',
        'time that other PXE servers have to answer first, 0 to 30',
        Number,
      )
      .addOption(
        new Option(
          '--pxe-menu <on or off>',
          'whether machines are sent to their disk, and refused, by menus of PXE',
        ).choices(['on', 'off']),
      ),
  ).action(async (rawOptions: unknown) => {
    const options = SetOptions.parse(rawOptions);
    const { bootImage, windowsSetupLost, only, ignore, responseDelay, pxeMenu } = options;
    if (Object.values(options).every((one) => one === undefined)) {
      throw new CliError('cli.usage', 'nothing to set', {
        hint: 'name --answer-on eth1, --unknown ask, --boot-image <image> or --windows-setup-lost 90',
        exitCode: 2,
      });
    }
    const changed = await withApi(terminal, rawOptions, async (api) => {
      const before = await api.call('GET', '/netboot', NetbootSettings);
      const json = {
        answerOn: options.answerOn ?? before.answerOn,
        unknownMachines: options.unknown ?? before.unknownMachines,
        ...(bootImage === undefined ? {} : { bootImage: bootImage === '' ? null : bootImage }),
        ...(windowsSetupLost === undefined ? {} : { windowsSetupLostMinutes: windowsSetupLost }),
        ...(only === undefined ? {} : { answerOnly: only }),
        ...(ignore === undefined ? {} : { ignoreClients: ignore }),
        ...(responseDelay === undefined ? {} : { responseDelaySeconds: responseDelay }),
        ...(pxeMenu === undefined ? {} : { pxeMenu: pxeMenu === 'on' }),
      };
      return await api.call('PUT', '/netboot', NetbootSettings, { json });
    });
    terminal.out(describeNetboot(changed));
  });
  netbootChainCommand(netboot, terminal);
  netbootWimbootCommand(netboot, terminal);
}

const unknownTexts = {
  deploy: 'get what is deployed to All Unknown Computers',
  ask: 'wait until somebody approves them',
  ignore: 'are not answered',
} as const;

/** The settings in sentences. */
export function describeNetboot(settings: NetbootSettings): string {
  const where =
    settings.answerOn.length === 0
      ? 'nobody is answered: metalwright netboot set --answer-on <interface>'
      : `network boots are answered on ${settings.answerOn.join(', ')}`;
  const { unknownMachines, bootImage } = settings;
  const image = unknownMachines === 'ignore' ? '' : `, and start from ${bootImage ?? 'Linux PE'}`;
  const lost =
    settings.windowsSetupLostMinutes === undefined
      ? ''
      : `a machine in Windows Setup counts as lost after ${settings.windowsSetupLostMinutes} minutes of silence\n`;
  const { answerOnly = [], ignoreClients = [], responseDelaySeconds = 0 } = settings;
  const lists = [
    ...(answerOnly.length === 0 ? [] : [`only ${answerOnly.join(', ')} are answered\n`]),
    ...(ignoreClients.length === 0 ? [] : [`${ignoreClients.join(', ')} are not answered\n`]),
    ...(responseDelaySeconds === 0
      ? []
      : [`other PXE servers have ${responseDelaySeconds} s to answer first\n`]),
    ...(settings.pxeMenu === false ? ['no machine is shown a menu of PXE\n'] : []),
  ].join('');
  return `${where}\nunknown machines ${unknownTexts[unknownMachines]} (${unknownMachines})${image}\n${lists}${lost}`;
}
