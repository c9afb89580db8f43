import { call } from './api.js';
import { element, emptyState, keyedList, setPill, setText } from './dom.js';
import { bytes } from './format.js';

/** Boot images of Windows PE: what they are, what is in them, which agent. @returns (images) => void */
export function bootImageList(root, { title, announce, fail }) {
  const empty = emptyState(
    'There is no Windows PE',
    'Machines start from Linux PE, which this server makes itself. To start them from Windows PE, add the boot.wim of a Windows or its ISO:',
    'metalwright boot-image add windows.iso --name "Windows PE"',
  );
  const draw = keyedList(root, {
    key: (image) => image.id,
    create: () => imageRow({ announce, fail }),
    empty,
  });
  return (images) => {
    setText(title, String(images.length));
    draw([...images].sort((one, other) => one.name.localeCompare(other.name)));
  };
}

function imageRow({ announce, fail }) {
  const pill = element('span', { class: 'pill' });
  const name = element('span', { class: 'name' });
  const id = element('span', { class: 'quiet small' });
  const system = element('span', { class: 'small' });
  const starts = element('span', { class: 'quiet small' });
  const components = element('span', { class: 'small' });
  const use = element('span', { class: 'quiet small' });
  const drivers = element('span', { class: 'quiet small' });
  const agent = element('span', { class: 'quiet small' });
  let image = null;
  const rebuild = element(
    'button',
    {
      type: 'button',
      onclick: async () => {
        rebuild.disabled = true;
        try {
          const made = await call('POST', `/boot-images/${image.id}/rebuild`, {});
          announce(`${made.name}: rebuilt as version ${made.version}`);
        } catch (error) {
          fail(error);
        } finally {
          rebuild.disabled = false;
        }
      },
    },
    'Rebuild',
  );
  return {
    element: element(
      'div',
      { class: 'row machine' },
      element('div', {}, pill),
      element('div', { class: 'stack' }, name, id, use),
      element('div', { class: 'stack' }, system, starts),
      element('div', { class: 'stack' }, components, drivers, agent),
      element('div', { class: 'actions' }, rebuild),
    ),
    update(next) {
      image = next;
      const { facts, outdated } = next;
      setPill(pill, outdated ? 'warn' : 'good', outdated ? 'other agent' : 'ready');
      setText(name, next.name);
      setText(
        id,
        `${next.id}, version ${next.version}, ${bytes(next.sizeBytes).replace(' ', '\u00a0')}`,
      );
      const languages = facts.languages.join(' ') || 'no language';
      setText(system, `Windows PE ${facts.version}, ${facts.architecture}, ${languages}`);
      setText(starts, `starts ${startsOf(facts)}`);
      setText(use, useOf(next.setFor));
      setText(components, facts.components.join(', ') || 'no optional components');
      setText(
        drivers,
        facts.drivers.length === 0
          ? 'no drivers but those of Windows PE'
          : `drivers ${facts.drivers.join(', ')}`,
      );
      setText(
        agent,
        outdated
          ? `agent ${facts.agentVersion}, not the one that this server has: rebuild it`
          : `agent ${facts.agentVersion}`,
      );
      rebuild.hidden = !outdated;
      rebuild.setAttribute('aria-label', `Rebuild ${next.name}`);
    },
  };
}

/** `set for unknown machines, the model Acme Box`. */
function useOf(setFor) {
  const words = {
    all: 'all machines',
    unknown: 'unknown machines and those that wait',
    model: 'the model ',
    device: '',
  };
  return setFor.length === 0
    ? 'set for no machine; task sequences may name it'
    : `set for ${setFor.map(({ scope, label }) => words[scope] + label).join(', ')}`;
}

/** `UEFI (signed by 2011, 2023) and BIOS`. */
function startsOf({ efiBootManagers, bios }) {
  const signers = Object.keys(efiBootManagers);
  return [
    signers.length > 0 ? `UEFI (signed by ${signers.join(', ')})` : '',
    bios === null ? '' : 'BIOS',
  ]
    .filter(Boolean)
    .join(' and ');
}
