import { wrapText } from '../../cli/wrap-text.ts';
import {
  COUNTED,
  conditionsText,
  mappedSteps,
  numberText as number,
  percent,
  plural,
} from './count.ts';
import { foldNeeds, foldReasons, foldReferences, needKinds, type Place } from './fold.ts';
import { isObjectId, kindName, messageAt } from './names.ts';
import type { ImportReport } from './schema.ts';
import { listLines, sequenceLines } from './sequence-text.ts';
import { shareLines } from './share-text.ts';
import { COLUMNS, heading, MAX_ITEMS } from './text-layout.ts';

const LABEL = 13;
/** Of one thing to do, so many places are told. `verbose` tells all. */
const MAX_PLACES = 3;

/**
 * A report for people: totals, then what needs a person, the same thing once for all steps; then each
 * sequence on a line.
 * @param verbose every step with what it became, and nothing folded away
 */
export function formatImportReport(
  report: ImportReport,
  { verbose = false }: { readonly verbose?: boolean } = {},
): string {
  const lines = [
    ...totalLines(report),
    ...failureLines(report),
    ...(report.share === undefined ? [] : shareLines(report.share, verbose)),
    ...reasonLines(report, verbose),
    ...needLines(report, verbose),
    ...referenceLines(report, verbose),
    ...trialLines(report),
    ...(verbose ? report.sequences.flatMap(sequenceLines) : listLines(report)),
  ];
  return `${lines.join('\n')}\n`;
}

function totalLines({ counts, sequences, skipped }: ImportReport): string[] {
  const { how, steps, groups, expressions, mappedExpressions, comments } = counts;
  const mapped = mappedSteps(counts);
  const files =
    counts.failures === 0 ? '' : `, ${plural(counts.failures, 'file')} could not be read`;
  const others = skipped.length === 0 ? '' : `; ${plural(skipped.length, 'other file')} left alone`;
  const rows = [
    ['Sequences', `${plural(counts.sequences, 'task sequence')} read${files}${others}`],
    [
      'Steps',
      `${number(mapped)} of ${number(steps)} mapped (${percent(mapped, steps)}): ${number(how.typed)} typed, ${number(how.equivalent)} equivalent, ${number(how['built-in'])} built in; ${number(how['command-line'])} run as the command lines they are, ${number(how.unsupported)} kept disabled. In ${plural(groups, 'group')}`,
    ],
    [
      'Conditions',
      `${number(mappedExpressions)} of ${plural(expressions, 'expression')} mapped (${percent(mappedExpressions, expressions)}), on ${conditionsText(counts)}`,
    ],
    ['Comments', `${number(comments)} kept`],
    [
      'Scripts',
      `${plural(
        sequences.reduce((sum, { tsEnvironment }) => sum + tsEnvironment.length, 0),
        'step calls',
        'steps call',
      )} Microsoft.SMS.TSEnvironment`,
    ],
    [
      'Round trip',
      `${number(counts.roundTrips)} of ${number(counts.sequences)} are the same after export and import`,
    ],
    [
      'Simulation',
      `${number(counts.simulated)} of ${number(counts.sequences)} come to a good end on a sample device`,
    ],
  ] as const;
  return [
    ...rows.flatMap(([label, text]) =>
      wrapText(text, COLUMNS, label.padEnd(LABEL), ' '.repeat(LABEL)),
    ),
    '',
    ...wrapText(COUNTED, COLUMNS),
  ];
}

function failureLines({ failures }: ImportReport): string[] {
  if (failures.length === 0) return [];
  return heading('What could not be read').concat(
    failures.flatMap(({ from, message, code, hint }) => [
      ...wrapText(from, COLUMNS, '  ', '    '),
      ...wrapText(`${messageAt(from, message)} [${code}]`, COLUMNS, '    ', '      '),
      ...(hint === undefined ? [] : wrapText(`what to do: ${hint}`, COLUMNS, '    ', '      ')),
    ]),
  );
}

function reasonLines(report: ImportReport, verbose: boolean): string[] {
  const all = foldReasons(report);
  return (['unsupported', 'command-line'] as const).flatMap((how) => {
    const folded = all.filter((each) => each.how === how);
    const title =
      how === 'unsupported'
        ? 'Steps that nothing here can do: kept disabled'
        : 'Steps that run as the command lines they are';
    return section(
      title,
      folded.map(({ reason, sourceTypes, places }) => ({
        text: reason === '' ? listed(sourceTypes, MAX_PLACES) : reason,
        hint: '',
        places,
      })),
      verbose,
    );
  });
}

function needLines(report: ImportReport, verbose: boolean): string[] {
  const all = foldNeeds(report);
  return Object.entries(needKinds).flatMap(([kind, title]) =>
    section(
      title,
      all
        .filter((need) => need.kind === kind)
        .map(({ message, hint, places }) => ({ text: message, hint, places })),
      verbose,
    ),
  );
}

function referenceLines(report: ImportReport, verbose: boolean): string[] {
  const folded = foldReferences(report);
  if (folded.length === 0) return [];
  const title = `Objects to bring: images, packages, applications, task sequences (${number(folded.length)})`;
  return heading(title).concat(
    [...Map.groupBy(folded, ({ kind }) => kind)].flatMap(([kind, list]) => {
      const shown = verbose ? list : list.slice(0, MAX_ITEMS);
      const more = list.length - shown.length;
      return [
        ...shown.flatMap(({ name, sourceId, isNamed, contentFolder, places }) => {
          const what = isNamed
            ? `"${name}" (${sourceId})`
            : isObjectId(sourceId)
              ? `${sourceId}, without a name in the file`
              : `"${name}"`;
          const steps = places.filter(({ step }) => step !== '').length;
          const users =
            steps > 0
              ? `for ${plural(steps, 'step')}`
              : kind === 'boot-image'
                ? `for ${plural(places.length, 'task sequence')}`
                : 'no step uses it';
          const files = contentFolder === '' ? '' : `; its files are in ${contentFolder}`;
          return wrapText(`${kindName(kind)} ${what}: ${users}${files}`, COLUMNS, '  ', '    ');
        }),
        ...(more === 0
          ? []
          : [`  and ${plural(more, `more ${kindName(kind)}`)}: --verbose tells all`]),
      ];
    }),
  );
}

function trialLines({ sequences }: ImportReport): string[] {
  const changed = sequences.filter(({ roundTrip }) => !roundTrip.same);
  const failing = sequences.filter(({ simulation }) => !simulation.succeeded);
  return [
    ...(changed.length === 0 ? [] : heading('Not the same after export and import')),
    ...changed.flatMap(({ name, roundTrip }) =>
      wrapText(`"${name}": ${roundTrip.message}`, COLUMNS, '  ', '    '),
    ),
    ...(failing.length === 0 ? [] : heading('Simulations that fail')),
    ...failing.flatMap(({ name, simulation: { device, failedAt, error } }) =>
      wrapText(
        `"${name}" on ${device}${failedAt === '' ? '' : `, at "${failedAt}"`}: ${error?.message ?? 'no reason is known'}${error === null ? '' : ` [${error.code}]`}`,
        COLUMNS,
        '  ',
        '    ',
      ),
    ),
  ];
}

interface Item {
  readonly text: string;
  readonly hint: string;
  readonly places: readonly Place[];
}

function section(title: string, items: readonly Item[], verbose: boolean): string[] {
  if (items.length === 0) return [];
  const shown = verbose ? items : items.slice(0, MAX_ITEMS);
  const lines = shown.flatMap(({ text, hint, places }) => [
    ...wrapText(text, COLUMNS, '  ', '    '),
    ...wrapText(placesText(places, verbose), COLUMNS, '    in ', '       '),
    ...(hint === '' ? [] : wrapText(`what to do: ${hint}`, COLUMNS, '    ', '      ')),
  ]);
  const more = items.length - shown.length;
  return [
    ...heading(`${title} (${number(items.length)})`),
    ...lines,
    ...(more === 0 ? [] : [`  and ${number(more)} more: --verbose tells all`]),
  ];
}

function placesText(places: readonly Place[], verbose: boolean): string {
  const told = [
    ...new Set(
      places.map(({ sequence, step }) =>
        step === '' ? `"${sequence}"` : `"${step}" of "${sequence}"`,
      ),
    ),
  ];
  if (verbose || told.length <= MAX_PLACES) return told.join(', ');
  const sequences = new Set(places.map(({ sequence }) => sequence)).size;
  const where = sequences === 1 ? '' : ` of ${number(sequences)} task sequences`;
  return `${plural(places.length, 'step')}${where}, the first ${told[0]}`;
}

function listed(texts: readonly string[], most: number): string {
  const more = texts.length - most;
  return more <= 0
    ? texts.join(', ')
    : `${texts.slice(0, most).join(', ')} and ${number(more)} more`;
}
