import { call } from './api.js';
import { element, keyedList, setText } from './dom.js';
import { ago } from './format.js';

/**
 * Records that could be one machine, each decided by one button. The section is only there while there are some.
 * @returns () => Promise<void>, reads and shows them
 */
export function conflictList(section, root, { title, announce, fail }) {
  const draw = keyedList(root, {
    key: ({ device, other }) => `${device.id} ${other.id}`,
    create: () => conflictRow({ announce, fail, decided: () => show() }),
    empty: element('p', { class: 'quiet' }, 'No two records are in conflict.'),
  });
  async function show() {
    const all = await call('GET', '/device-conflicts');
    section.hidden = all.length === 0;
    setText(title, String(all.length));
    draw(all);
  }
  return show;
}

const choices = [
  { action: 'new', text: 'Two machines', says: 'are two machines' },
  { action: 'merge', text: 'One machine', says: 'are one machine now' },
  { action: 'block', text: 'Refuse it', says: 'is refused' },
];

function conflictRow({ announce, fail, decided }) {
  const names = element('span', { class: 'name' });
  const serials = element('span', { class: 'quiet small' });
  const why = element('span', { class: 'small' });
  const since = element('span', { class: 'quiet small' });
  let conflict = null;
  const buttons = choices.map(({ action, text, says }) => {
    const button = element('button', { type: 'button', onclick: () => void decide() }, text);
    async function decide() {
      const { device, other } = conflict;
      for (const each of buttons) each.disabled = true;
      try {
        await call('POST', `/device-conflicts/${device.id}/${other.id}`, { action });
        announce(
          action === 'block'
            ? `${device.name} ${says}`
            : `${device.name} and ${other.name} ${says}`,
        );
        await decided();
      } catch (error) {
        fail(error);
      } finally {
        for (const each of buttons) each.disabled = false;
      }
    }
    return button;
  });
  return {
    element: element(
      'div',
      { class: 'row conflict' },
      element('div', { class: 'stack' }, names, serials),
      element('div', { class: 'stack' }, why, since),
      element('div', { class: 'actions' }, ...buttons),
    ),
    update(next) {
      conflict = next;
      const { device, other, lastMs } = next;
      setText(names, `${device.name} and ${other.name}`);
      setText(
        serials,
        [device, other].map(({ serialNumber }) => serialNumber ?? 'no serial number').join(' · '),
      );
      setText(why, `${other.name} ${next.why}`);
      setText(since, `seen ${ago(lastMs, Date.now())}`);
      for (const [index, { text }] of choices.entries())
        buttons[index].setAttribute('aria-label', `${text}: ${device.name} and ${other.name}`);
    },
  };
}
