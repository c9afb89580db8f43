import { element, emptyState, keyedList, setPill, setText } from './dom.js';
import { clock } from './format.js';

/** The newest boot requests. @returns (decisions) => void */
export function decisionList(root) {
  const empty = emptyState(
    'No network boot has been heard',
    'Requests show here, answered or not, once network boots are answered on an interface. If a machine starts and nothing shows, its requests do not reach this server: check cable, VLAN and the DHCP relay.',
  );
  const draw = keyedList(root, {
    key: (each) => `${each.atMs} ${each.mac} ${each.reason}`,
    create: decisionRow,
    empty,
  });
  return (decisions) => {
    const keys = new Set();
    draw(
      decisions
        .filter((each) => {
          const key = `${each.atMs} ${each.mac} ${each.reason}`;
          return keys.has(key) ? false : keys.add(key);
        })
        .slice(0, 25),
    );
  };
}

function decisionRow() {
  const time = element('span', { class: 'quiet' });
  const pill = element('span', { class: 'pill' });
  const mac = element('span', { class: 'mono' });
  const where = element('span', { class: 'quiet' });
  const boot = element('span', { class: 'quiet' });
  const reason = element('span', {});
  return {
    element: element(
      'div',
      { class: 'row decision small' },
      time,
      element('span', {}, pill),
      mac,
      where,
      boot,
      reason,
    ),
    update(next) {
      setText(time, clock(next.atMs));
      setPill(pill, next.outcome === 'answered' ? 'good' : '', next.outcome);
      setText(mac, next.mac);
      setText(where, `${next.interfaceName} ${next.architecture}`);
      setText(boot, next.boot === null ? '' : describeBoot(next.boot));
      setText(reason, next.reason);
    },
  };
}

/** Boot image and the way to it, with whose boot manager of Windows: `Bench PE, windows-pe, signed by 2023`. */
function describeBoot({ image, chain, signer }) {
  return [image, chain, ...(signer === null ? [] : [`signed by ${signer}`])].join(', ');
}
