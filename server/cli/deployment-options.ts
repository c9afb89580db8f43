import { type Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { DownloadOption } from '#agent/protocol/policy.ts';
import {
  Assignment,
  DeploymentSettingsChange,
  MadeAvailableTo,
  Rerun,
} from '../inventory/deployment-settings.ts';
import { parseRecurrenceText } from './recurrence-text.ts';

const yesNo = ['yes', 'no'] as const;
const YesNo = z.enum(yesNo).transform((text) => text === 'yes');
const time = z
  .string()
  .transform((text) => (text === 'never' ? null : text))
  .nullable();

const SettingOptions = z.object({
  for: MadeAvailableTo.optional(),
  availableFrom: time.optional(),
  expires: time.optional(),
  assign: z.array(Assignment).optional(),
  deadline: time.optional(),
  rerun: Rerun.optional(),
  runOutsideWindows: YesNo.optional(),
  restartOutsideWindows: YesNo.optional(),
  showProgress: YesNo.optional(),
  download: DownloadOption.optional(),
  neighborFallback: YesNo.optional(),
  siteFallback: YesNo.optional(),
  maxRun: z.number().nullable().optional(),
  countdown: z.number().optional(),
  contentWait: z
    .union([z.literal('site').transform(() => null), z.coerce.number().int()])
    .optional(),
  priority: z.enum(['low', 'medium', 'high']).optional(),
  comment: z.string().optional(),
});

/** Adds the options with which `deploy` and `deployment change` set what a deployment has. */
export function withSettingOptions(command: Command, availableTo: string): Command {
  const choice = (flags: string, text: string, choices: readonly string[]) =>
    new Option(flags, text).choices([...choices]);
  return command
    .addOption(
      choice(`${availableTo} <whom>`, 'whom it is made available to', MadeAvailableTo.options),
    )
    .option('--available-from <time>', '2027-01-15T08:00, with Z or [Europe/Berlin]; never: none')
    .option('--expires <time>', 'the same')
    .option(
      '--assign <schedule...>',
      'when a required one starts: now, a time, or "<time> <recurrence>"',
      collectAssignments,
    )
    .option('--deadline <time>', 'until when it waits for content in an installed system')
    .addOption(choice('--rerun <when>', 'in an installed system', Rerun.options))
    .addOption(choice('--run-outside-windows <yes|no>', 'it asks no maintenance window', yesNo))
    .addOption(choice('--restart-outside-windows <yes|no>', 'in an installed system', yesNo))
    .addOption(choice('--show-progress <yes|no>', 'in an installed system', yesNo))
    .addOption(choice('--download <when>', 'how files reach the machine', DownloadOption.options))
    .addOption(choice('--neighbor-fallback <yes|no>', 'from neighbour boundary groups', yesNo))
    .addOption(choice('--site-fallback <yes|no>', 'from the default boundary group', yesNo))
    .option(
      '--max-run <minutes>',
      'maximum run time; 0: none; sequence: that of the task sequence',
      (text) => (text === 'sequence' ? null : parseMinutes(text)),
    )
    .option('--countdown <minutes>', 'told before it starts in an installed system', parseMinutes)
    .option('--content-wait <minutes>', 'how long it waits for content; site: as the site')
    .addOption(
      choice('--priority <priority>', 'of several required ones', ['low', 'medium', 'high']),
    )
    .option('--comment <text>');
}

/** What of the settings the options name. */
export function settingsOf(
  rawOptions: unknown,
  fallback = { neighbors: false, siteDefault: false },
): DeploymentSettingsChange {
  const options = SettingOptions.parse(rawOptions);
  const { neighborFallback, siteFallback } = options;
  const change = {
    makeAvailableTo: options.for,
    availableFrom: options.availableFrom,
    expires: options.expires,
    assignments: options.assign,
    deadline: options.deadline,
    rerun: options.rerun,
    runOutsideWindows: options.runOutsideWindows,
    restartOutsideWindows: options.restartOutsideWindows,
    showProgress: options.showProgress,
    download: options.download,
    fallback:
      neighborFallback === undefined && siteFallback === undefined
        ? undefined
        : {
            neighbors: neighborFallback ?? fallback.neighbors,
            siteDefault: siteFallback ?? fallback.siteDefault,
          },
    maxRunMinutes: options.maxRun,
    countdownMinutes: options.countdown,
    contentWaitMinutes: options.contentWait,
    priority: options.priority,
    comment: options.comment,
  };
  return DeploymentSettingsChange.parse(
    Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)),
  );
}

/** Reads `now`, a time, or a time and a recurrence. @throws {InvalidArgumentError} */
export function parseAssignment(text: string): Assignment {
  const [first = '', ...rest] = text.trim().split(/\s+/);
  const parsed = Assignment.safeParse(
    first === 'now'
      ? { kind: 'as-soon-as-possible' }
      : rest.length === 0
        ? { kind: 'at', time: first }
        : { kind: 'recurring', start: first, recurrence: parseRecurrenceText(rest.join(' ')) },
  );
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(
    'write now, 2027-01-15T22:00 or "2027-01-15T22:00 weekly on monday"',
  );
}

function collectAssignments(text: string, before: unknown): Assignment[] {
  return [
    ...(Array.isArray(before) ? z.array(Assignment).parse(before) : []),
    parseAssignment(text),
  ];
}

function parseMinutes(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('write a whole number of minutes');
  return Number(text);
}
