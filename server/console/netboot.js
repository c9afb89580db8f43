import { element, setPill } from './dom.js';
import { ago, count } from './format.js';

const unknownTexts = {
  deploy: 'Unknown machines get what is deployed to All Unknown Computers.',
  ask: 'Unknown machines wait here until somebody approves them.',
  ignore: 'Unknown machines are not answered.',
};

/** Shows whether network boots are answered, what stands in the way, and what to do about it. */
export function showNetboot({ root, problems, details }, status, images) {
  const { netboot } = status;
  const pill = element('span', {});
  const answering = netboot.answerOn.length > 0;
  setPill(pill, answering ? 'good' : 'warn', answering ? 'answering' : 'answering nobody');
  const where = answering
    ? `On ${netboot.answerOn.join(', ')}.`
    : 'No machine is answered until you say where.';
  const image =
    netboot.unknownMachines === 'ignore'
      ? ''
      : ` They start from ${startOfUnknown(netboot, images)}.`;
  root.replaceChildren(
    pill,
    element('span', {}, `${where} ${unknownTexts[netboot.unknownMachines]}${image}`),
  );

  const notices = [];
  if (!answering) {
    const names = status.interfaces.map((each) => `${each.name} (${each.address})`).join(', ');
    const first = status.interfaces[0]?.name ?? '<interface>';
    notices.push(
      notice(
        'warn',
        `${names === '' ? 'No interface has an IPv4 address yet.' : `Interfaces: ${names}.`} To answer on one: `,
        `metalwright netboot set --answer-on ${first}`,
      ),
    );
  }
  for (const image of status.bootImages.filter((each) => !each.ready)) {
    notices.push(
      notice('bad', `Boot image ${image.name} (${image.architecture}) is missing: ${image.detail}`),
    );
  }
  for (const listener of status.listeners.filter((each) => !each.ok)) {
    notices.push(
      notice('bad', `${listener.purpose} on ${listener.address} does not work: ${listener.detail}`),
    );
  }
  const pxe = status.heardServers.filter((each) => each.pxe);
  if (pxe.length > 0) {
    const list = pxe.map((each) => `${each.address} on ${each.interfaceName}`).join(', ');
    notices.push(
      notice(
        'warn',
        `${count(pxe.length, 'other PXE server')} heard: ${list}. Machines may boot from it instead; stop it, or keep this server off that interface.`,
      ),
    );
  }
  problems.replaceChildren(...notices);

  const now = Date.now();
  details.replaceChildren(
    group(
      'Listeners',
      status.listeners.map(
        (each) => `${each.purpose}: ${each.address}${each.ok ? '' : ' (failed)'}`,
      ),
      'none',
    ),
    group(
      'Interfaces',
      status.interfaces.map((each) => `${each.name}: ${each.address}, netmask ${each.netmask}`),
      'none with an IPv4 address',
    ),
    group(
      'Boot images',
      status.bootImages.map(
        (each) => `${each.name} (${each.architecture}): ${each.ready ? 'ready' : each.detail}`,
      ),
      'none',
    ),
    group(
      'Other DHCP and PXE servers heard',
      status.heardServers.map(
        (each) =>
          `${each.address} on ${each.interfaceName}: ${each.pxe ? 'PXE' : 'DHCP'}, ${ago(each.lastHeardMs, now)}`,
      ),
      'none yet',
    ),
  );
}

function notice(tone, text, command) {
  const line = element('p', { class: `notice ${tone}` }, text);
  if (command !== undefined) line.append(element('code', {}, command));
  return line;
}

function group(title, lines, none) {
  const items = (lines.length === 0 ? [none] : lines).map((line) => element('li', {}, line));
  return element('div', {}, element('h3', {}, title), element('ul', { class: 'small' }, ...items));
}

/** What unknown machines start; one that is set and cannot be read is told by its id. */
function startOfUnknown({ bootImage }, images) {
  const set = images.find(({ setFor }) =>
    setFor.some(({ scope }) => scope === 'all' || scope === 'unknown'),
  );
  if (set !== undefined) return set.name;
  // One that can be read and is not told goes behind the Linux PE that is set for all machines.
  const isRead = images.some(({ id }) => id === bootImage);
  return bootImage === null || isRead ? 'Linux PE' : bootImage;
}
