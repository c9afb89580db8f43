import { formatBytes } from '../../cli/units.ts';
import { wrapText } from '../../cli/wrap-text.ts';
import { numberText, plural } from './count.ts';
import type { ShareItem, ShareReport } from './share-schema.ts';
import { COLUMNS, MAX_ITEMS } from './text-layout.ts';

/** Lines on a deployment share: what it has, what an import would bring, and what is missing. */
export function shareLines(share: ShareReport, verbose: boolean): string[] {
  const { folder, description, uncPath } = share;
  const title = [description, uncPath].filter((text) => text !== '').join(', ');
  const rules = share.rules.map(
    ({ name, sections, values }) =>
      `${name} (${plural(sections, 'section')}, ${plural(values, 'value')})`,
  );
  return [
    '',
    ...wrapText(
      `Deployment share ${folder}${title === '' ? '' : ` (${title})`}`,
      COLUMNS,
      '',
      '  ',
    ),
    '',
    ...wrapText(totals(share), COLUMNS, '  ', '  '),
    ...(rules.length === 0 ? [] : wrapText(`Rules: ${rules.join(', ')}`, COLUMNS, '  ', '    ')),
    ...share.rules.flatMap(({ name, notes }) =>
      notes
        .slice(0, verbose ? notes.length : 3)
        .flatMap(({ line, message }) =>
          wrapText(`${name}, line ${line}: ${message}`, COLUMNS, '    ', '      '),
        ),
    ),
    ...itemLines(
      'Operating systems: metalwright image add <file> --name <name>',
      share.operatingSystems,
      verbose,
    ),
    ...itemLines('Applications', share.applications, verbose),
    ...itemLines('Packages', share.packages, verbose),
    ...itemLines('Driver groups', share.driverGroups, verbose),
    ...listLines(
      'Selection profiles',
      share.selectionProfiles.map(
        ({ name, includes, excludes }) =>
          `${name}: ${includes.length === 0 ? 'nothing' : includes.join(', ')}${excludes.length === 0 ? '' : `, but not ${excludes.join(', ')}`}`,
      ),
      verbose,
    ),
    ...listLines(
      'Scripts that need something of MDT or Configuration Manager',
      share.scripts.map(
        ({ path, description, findings }) =>
          `${path}${description === '' ? '' : ` (${description})`}: ${findings.join(', ')}`,
      ),
      verbose,
    ),
    ...listLines(
      'What is in its lists and not on its disk',
      share.missing.map(({ what, path }) => `${what}: ${path}`),
      verbose,
    ),
    ...listLines('Linked shares, which are not read', share.linkedShares, verbose),
    ...listLines('Media, which are not read', share.media, verbose),
  ];
}

function totals(share: ShareReport): string {
  const { taskSequences, operatingSystems, applications, packages, driverGroups, drivers } = share;
  const off = taskSequences.filter(({ isEnabled }) => !isEnabled).length;
  return [
    `${plural(taskSequences.length, 'task sequence')}${off === 0 ? '' : ` (${numberText(off)} disabled)`}`,
    plural(operatingSystems.length, 'operating system'),
    plural(applications.length, 'application'),
    plural(packages.length, 'package'),
    `${plural(drivers, 'driver')} in ${plural(driverGroups.length, 'group')}`,
    `${plural(share.lookedAtScripts, 'script')} looked at`,
  ].join(', ');
}

function itemLines(title: string, items: readonly ShareItem[], verbose: boolean): string[] {
  return listLines(title, items.map(itemText), verbose);
}

/** One thing of a share on a line. */
export function itemText({ name, path, sizeBytes, note }: ShareItem): string {
  const facts = [
    ...(path === '' ? [] : [path]),
    ...(sizeBytes === null ? [] : [formatBytes(sizeBytes)]),
    ...(note === '' ? [] : [note]),
  ];
  return facts.length === 0 ? name : `${name}: ${facts.join('; ')}`;
}

function listLines(title: string, texts: readonly string[], verbose: boolean): string[] {
  if (texts.length === 0) return [];
  const shown = verbose ? texts : texts.slice(0, MAX_ITEMS);
  const more = texts.length - shown.length;
  return [
    '',
    `  ${title} (${numberText(texts.length)})`,
    ...shown.flatMap((text) => wrapText(text, COLUMNS, '    ', '      ')),
    ...(more === 0 ? [] : [`    and ${numberText(more)} more: --verbose tells all`]),
  ];
}
