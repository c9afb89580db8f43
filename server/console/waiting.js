import { call } from './api.js';
import { devicePieces } from './device-row.js';
import { element, keyedList, setText } from './dom.js';
import { ago, count } from './format.js';

/**
 * Machines that wait for approval, approved one by one or as many as are chosen, those that have waited
 * longest first. @returns (waiting devices) => void
 */
export function waitingList(root, { title, summary, announce, fail }) {
  const chosen = new Set();
  let shown = [];
  const many = element('button', { type: 'button', class: 'primary' }, 'Approve selected');
  const all = element('input', { type: 'checkbox', id: 'waiting-all' });
  const bar = element(
    'div',
    { class: 'waiting-bar' },
    element('label', { class: 'choice', for: 'waiting-all' }, all, 'Select all'),
    many,
  );
  const rows = element('div');
  root.replaceChildren(bar, rows);
  const empty = element(
    'p',
    { class: 'quiet' },
    'No machine waits. One that nobody knows appears here when it has started from the network.',
  );

  function showChoice() {
    all.checked = shown.length > 0 && chosen.size === shown.length;
    all.indeterminate = chosen.size > 0 && chosen.size < shown.length;
    many.disabled = chosen.size === 0;
    setText(many, chosen.size === 0 ? 'Approve selected' : `Approve selected (${chosen.size})`);
  }
  const draw = keyedList(rows, {
    key: (device) => device.id,
    create: () => waitingRow({ chosen, showChoice, announce, fail }),
    empty,
  });
  all.addEventListener('change', () => {
    chosen.clear();
    if (all.checked) for (const { id } of shown) chosen.add(id);
    draw(shown);
    showChoice();
  });
  const approveChosen = async () => {
    many.disabled = true;
    try {
      const { approved } = await call('POST', '/devices/approve', { devices: [...chosen] });
      announce(`${count(approved.length, 'machine')} approved`);
      chosen.clear();
    } catch (error) {
      fail(error);
    } finally {
      showChoice();
    }
  };
  many.addEventListener('click', () => void approveChosen());

  return (devices) => {
    shown = [...devices].sort((one, other) => one.createdMs - other.createdMs);
    const there = new Set(shown.map(({ id }) => id));
    for (const id of chosen) if (!there.has(id)) chosen.delete(id);
    bar.hidden = shown.length === 0;
    draw(shown);
    showChoice();
    setText(title, String(shown.length));
    const longest = shown[0];
    setText(
      summary,
      longest === undefined ? '' : `the first came ${ago(longest.createdMs, Date.now())}`,
    );
  };
}

function waitingRow({ chosen, showChoice, announce, fail }) {
  const box = element('input', { type: 'checkbox' });
  const port = element('span', { class: 'small' });
  const network = element('span', { class: 'quiet small' });
  const since = element('span', { class: 'small' });
  let device = null;
  const pieces = devicePieces(() => device, { title: 'model', announce, fail });
  const { model, name, serial, mac, drivers, button } = pieces;
  box.addEventListener('change', () => {
    if (box.checked) chosen.add(device.id);
    else chosen.delete(device.id);
    showChoice();
  });
  const approve = button('Approve', 'primary', 'approve');
  const ignore = button('Ignore', '', 'ignore');
  const row = element(
    'div',
    { class: 'row waiting' },
    element('div', {}, box),
    element('div', { class: 'stack' }, model, name),
    element('div', { class: 'stack' }, serial, mac),
    element('div', { class: 'stack' }, port, network),
    element('div', { class: 'stack' }, since, drivers),
    element('div', { class: 'actions' }, approve, ignore),
  );
  return {
    element: row,
    update(next) {
      device = next;
      pieces.show(next);
      box.checked = chosen.has(next.id);
      const at = next.seenAt ?? {};
      setText(port, at.port ? `Port ${at.port}` : 'port not known');
      setText(network, placeText(at));
      setText(since, `came ${ago(next.createdMs, Date.now())}`);
      box.setAttribute('aria-label', `Select ${next.name}`);
      approve.setAttribute('aria-label', `Approve ${next.name}`);
      ignore.setAttribute('aria-label', `Ignore ${next.name}`);
    },
  };
}

/** Where a machine is plugged in: switch, relay or interface, and its address. */
function placeText({ switchId, relay, interfaceName, address }) {
  return [
    switchId && `switch ${switchId}`,
    relay && `relay ${relay}`,
    interfaceName && `on ${interfaceName}`,
    address,
  ]
    .filter(Boolean)
    .join(' · ');
}
