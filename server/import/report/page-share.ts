import { numberText } from './count.ts';
import { type Html, html } from './html.ts';
import type { ShareItem, ShareReport } from './share-schema.ts';
import { itemText } from './share-text.ts';

/** A deployment share in the page: what it has, and what is missing of it. */
export function shareSection(share: ShareReport): Html {
  const items = (list: readonly ShareItem[]): string[] => list.map(itemText);
  const lists: readonly (readonly [string, readonly string[]])[] = [
    ['In its lists and not on its disk', share.missing.map(({ what, path }) => `${what}: ${path}`)],
    ['Operating systems', items(share.operatingSystems)],
    ['Applications', items(share.applications)],
    ['Packages', items(share.packages)],
    ['Driver groups', items(share.driverGroups)],
    [
      'Selection profiles',
      share.selectionProfiles.map(
        ({ name, includes, excludes }) =>
          `${name}: ${includes.join(', ')}${excludes.length === 0 ? '' : `, but not ${excludes.join(', ')}`}`,
      ),
    ],
    [
      'Rules',
      share.rules.flatMap(({ name, sections, values, notes }) => [
        `${name}: ${sections} sections, ${values} values`,
        ...notes.map(({ line, message }) => `${name}, line ${line}: ${message}`),
      ]),
    ],
    [
      'Scripts that need something of MDT or Configuration Manager',
      share.scripts.map(
        ({ path, description, findings }) =>
          `${path}${description === '' ? '' : ` (${description})`}: ${findings.join(', ')}`,
      ),
    ],
    ['Linked shares and media, which are not read', [...share.linkedShares, ...share.media]],
  ];
  const { description, uncPath } = share;
  const title = [description, uncPath].filter((text) => text !== '').join(', ');
  return html`<h2>Deployment share</h2>
<p><code>${share.folder}</code>${title === '' ? '' : ` ${title}`}: ${numberText(share.drivers)} drivers, ${numberText(share.lookedAtScripts)} scripts looked at.</p>
${lists
  .filter(([, texts]) => texts.length > 0)
  .map(
    ([heading, texts]) =>
      html`<details><summary><span class="count">${numberText(texts.length)}</span>${heading}</summary><div class="inside"><ul class="things">${texts.map((text) => html`<li>${text}</li>`)}</ul></div></details>`,
  )}`;
}
