import { call } from './api.js';
import { element, emptyState, keyedList, setPill, setText } from './dom.js';
import { bytes, count } from './format.js';

/** Rows that are shown; a search finds the others. */
const MOST_ROWS = 100;
const kinds = {
  'os-image': 'OS image',
  'boot-image': 'boot image',
  'driver-package': 'driver package',
  package: 'package',
  application: 'application',
};

/**
 * Packages, images and applications: their newest versions, those that runs still need, and which of them each
 * distribution point has. @returns () => Promise<void>, reads and shows them
 */
export function packageList(root, { title }) {
  const search = element('input', {
    id: 'packages-search',
    type: 'search',
    autocomplete: 'off',
    oninput: () => show(),
  });
  const rows = element('div');
  const more = element('p', { class: 'quiet', role: 'status' });
  const label = element('label', { for: 'packages-search' }, 'Name, id or kind');
  root.replaceChildren(element('div', { class: 'field search' }, label, search), rows, more);
  const draw = keyedList(rows, {
    key: ({ id }) => id,
    create: packageRow,
    empty: emptyState(
      'There is no such package',
      'What task sequences install, apply and copy is added by the command line:',
      'metalwright package add ./tools --name Tools',
    ),
  });
  let all = [];
  function show() {
    const wanted = search.value.trim().toLowerCase();
    const found = all.filter(({ words }) => words.includes(wanted));
    draw(found.slice(0, MOST_ROWS));
    const hidden = found.length - MOST_ROWS;
    setText(more, hidden > 0 ? `${count(hidden, 'more is', 'more are')} not shown: search.` : '');
    setText(title, String(all.length));
  }
  return async () => {
    all = await readPackages();
    show();
  };
}

/** All that the rows show. */
async function readPackages() {
  const [versions, points, ...listed] = await Promise.all(
    ['/packages/versions', '/distribution-points', '/packages', '/images', '/boot-images'].map(
      (path) => call('GET', path),
    ),
  );
  const details = await Promise.all(
    points.map(({ id }) => call('GET', `/distribution-points/${encodeURIComponent(id)}`)),
  );
  const facts = new Map(listed.flat().map((one) => [one.id, one]));
  const held = details.map((point) => ({
    ...point,
    packages: Map.groupBy(point.packages, ({ packageId }) => packageId),
  }));
  const older = Map.groupBy(
    versions.filter(({ newest }) => !newest),
    ({ packageId }) => packageId,
  );
  return versions
    .filter(({ newest }) => newest)
    .map(({ packageId: id, name, kind, version }) => ({
      id,
      name,
      kind: kinds[kind] ?? kind,
      version,
      sizeBytes: facts.get(id)?.sizeBytes,
      secret: facts.get(id)?.secret === true,
      older: (older.get(id) ?? []).map((one) => one.version).sort((one, other) => one - other),
      // An application has no files of its own.
      places: kind === 'application' ? [] : held.map((point) => placeOf(point, { id, version })),
      words: `${name} ${id} ${kind} ${kinds[kind] ?? ''}`.toLowerCase(),
    }))
    .sort((one, other) => one.name.localeCompare(other.name));
}

/** What a distribution point has of a package. */
function placeOf({ name, url, enabled, packages }, { id, version }) {
  const off = enabled ? '' : ' (switched off)';
  const of = (state, text) => ({ state: enabled ? state : 'off', text: `${name}${off}: ${text}` });
  if (url === null) return of('here', 'all of it');
  const there = packages.get(id) ?? [];
  const newest = there.find((one) => one.version === version);
  if (newest?.state === 'present') return of('here', `version ${version}`);
  if (newest !== undefined) return of('damaged', `damaged, ${newest.detail || 'no reason told'}`);
  const before = there.map((one) => one.version).sort((one, other) => one - other);
  return before.length === 0
    ? of('missing', 'not there')
    : of('missing', `version ${before.join(', ')} only`);
}

/** How the content of a package stands, by its worst place. */
function standing(places) {
  if (places.length === 0) return ['', 'no files'];
  if (places.some(({ state }) => state === 'damaged')) return ['bad', 'damaged'];
  const missing = places.filter(({ state }) => state === 'missing').length;
  return missing === 0 ? ['good', 'everywhere'] : ['warn', `${missing} without`];
}

function packageRow() {
  const pill = element('span', { class: 'pill' });
  const name = element('span', { class: 'name' });
  const what = element('span', { class: 'quiet small' });
  const version = element('span', { class: 'small' });
  const older = element('span', { class: 'quiet small' });
  const places = element('ul', { class: 'places small' });
  return {
    element: element(
      'div',
      { class: 'row package' },
      element('div', {}, pill),
      element('div', { class: 'stack' }, name, what),
      element('div', { class: 'stack' }, version, older),
      places,
    ),
    update(next) {
      setPill(pill, ...standing(next.places));
      setText(name, next.name);
      setText(what, `${next.kind}${next.secret ? ', secret' : ''}, ${next.id}`);
      const size = next.sizeBytes === undefined ? '' : `, ${bytes(next.sizeBytes)}`;
      setText(version, `version ${next.version}${size}`);
      setText(older, next.older.length === 0 ? '' : `runs still need ${next.older.join(', ')}`);
      const texts = next.places.map(({ text }) => text);
      const shown = [...places.children].map((each) => each.textContent);
      if (texts.join('\n') !== shown.join('\n'))
        places.replaceChildren(...texts.map((text) => element('li', {}, text)));
    },
  };
}
