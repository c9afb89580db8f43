import { devicePieces } from './device-row.js';
import { element, emptyState, keyedList, setPill, setText } from './dom.js';
import { ago } from './format.js';

const states = {
  waiting: ['warn', 'waiting'],
  approved: ['good', 'approved'],
  known: ['', 'known'],
  ignored: ['', 'ignored'],
  deploying: ['busy', 'deploying'],
  lost: ['bad', 'lost'],
};
const order = ['waiting', 'lost', 'deploying', 'approved', 'known', 'ignored'];
const stateOf = ({ lost, openRun, state }) =>
  lost ? 'lost' : openRun === null ? state : 'deploying';

/** The list of machines that do not wait (waiting.js). @returns (devices, each with `lost`) => void */
export function machineList(root, { title, announce, fail }) {
  const empty = emptyState(
    'No machine is known yet',
    'Say on which interface network boots are answered (above), then start a machine from its network card. Or tell the server of machines first:',
    'metalwright device import machines.csv',
  );
  const draw = keyedList(root, {
    key: (device) => device.id,
    create: () => machineRow({ announce, fail }),
    empty,
  });
  return (devices) => {
    const sorted = [...devices].sort(
      (left, right) =>
        order.indexOf(stateOf(left)) - order.indexOf(stateOf(right)) ||
        (right.lastSeenMs ?? 0) - (left.lastSeenMs ?? 0) ||
        left.name.localeCompare(right.name),
    );
    draw(sorted);
    setText(title, String(devices.length));
  };
}

function machineRow({ announce, fail }) {
  const pill = element('span', { class: 'pill' });
  const decision = element('span', { class: 'small' });
  const seen = element('span', { class: 'quiet small' });
  const refusal = element('span', { class: 'small error-text' });
  let device = null;
  const pieces = devicePieces(() => device, { title: 'name', announce, fail });
  const { model, name, serial, mac, drivers, button } = pieces;
  const approve = button('Approve', 'primary', 'approve');
  const row = element(
    'div',
    { class: 'row machine' },
    element('div', {}, pill),
    element('div', { class: 'stack' }, name, model),
    element('div', { class: 'stack' }, serial, mac),
    element('div', { class: 'stack' }, decision, refusal, drivers, seen),
    element('div', { class: 'actions' }, approve),
  );
  return {
    element: row,
    update(next) {
      device = next;
      pieces.show(next);
      const [tone, word] = states[stateOf(next)];
      setPill(pill, tone, word);
      setText(decision, next.lastBootDecision ?? 'no network boot heard yet');
      setText(seen, next.lastSeenMs === null ? '' : `seen ${ago(next.lastSeenMs, Date.now())}`);
      refusal.hidden = next.refusal === null;
      setText(refusal, `told at the machine: ${next.refusal}`);
      approve.hidden = next.state !== 'ignored';
      approve.setAttribute('aria-label', `Approve ${next.name}`);
    },
  };
}
