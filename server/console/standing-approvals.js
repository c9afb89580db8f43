import { call } from './api.js';
import { element, keyedList, setText } from './dom.js';
import { count, span } from './format.js';

/**
 * Approvals that stand for a while: those that are open, and a form for another one.
 * @returns () => Promise<void>, reads and shows them
 */
export function standingApprovals(root, { announce, fail }) {
  const rows = element('div');
  const empty = element(
    'p',
    { class: 'quiet' },
    'None is open. With one, machines of a subnet, of switch ports or of a model need no approval when they come.',
  );
  root.replaceChildren(rows, approvalForm({ announce, fail, made: () => show() }));
  const draw = keyedList(rows, {
    key: ({ id }) => id,
    create: () => approvalRow({ announce, fail, ended: () => show() }),
    empty,
  });
  async function show() {
    const all = await call('GET', '/approvals');
    draw(all.filter(({ open }) => open));
  }
  return show;
}

function approvalRow({ announce, fail, ended }) {
  const scope = element('span', { class: 'name' });
  const facts = element('span', { class: 'quiet small' });
  let approval = null;
  const end = element(
    'button',
    {
      type: 'button',
      onclick: async () => {
        end.disabled = true;
        try {
          await call('DELETE', `/approvals/${approval.id}`);
          announce(`the approval of ${approval.scopeText} is ended`);
          await ended();
        } catch (error) {
          fail(error);
        } finally {
          end.disabled = false;
        }
      },
    },
    'End',
  );
  return {
    element: element(
      'div',
      { class: 'row approval' },
      element('div', { class: 'stack' }, scope, facts),
      element('div', { class: 'actions' }, end),
    ),
    update(next) {
      approval = next;
      setText(scope, next.scopeText);
      const left = span(next.endsMs - Date.now());
      setText(facts, `${next.used} of ${next.most} let in · ends in ${left} · by ${next.who}`);
      end.setAttribute('aria-label', `End the approval of ${next.scopeText}`);
    },
  };
}

/** Fields of the scope; what is left empty does not count. */
const fields = [
  { name: 'subnets', label: 'Subnet', example: '10.0.5.0/24', list: true },
  { name: 'ports', label: 'Switch ports', example: 'eth1/1-24', list: true },
  { name: 'switchId', label: 'Switch', example: 'sw-3' },
  { name: 'model', label: 'Model', example: 'Latitude 55*' },
];

function approvalForm({ announce, fail, made }) {
  const inputs = fields.map(({ name, example }) =>
    element('input', { id: `approval-${name}`, placeholder: example, autocomplete: 'off' }),
  );
  const hours = element('select', { id: 'approval-hours' });
  for (const each of [1, 2, 4, 8, 24])
    hours.append(
      element('option', { value: each * 60, selected: each === 2 }, count(each, 'hour')),
    );
  const most = element('input', {
    id: 'approval-most',
    type: 'number',
    min: 1,
    max: 5000,
    value: 40,
    required: true,
  });
  const send = element('button', { type: 'submit' }, 'Approve in advance');
  const labelled = (label, control) =>
    element('div', { class: 'field' }, element('label', { for: control.id }, label), control);
  const form = element(
    'form',
    { class: 'approval-form' },
    ...fields.map(({ label }, index) => labelled(label, inputs[index])),
    labelled('For', hours),
    labelled('At most', most),
    send,
  );
  const submit = async () => {
    send.disabled = true;
    const scope = {};
    fields.forEach(({ name, list }, index) => {
      const text = inputs[index].value.trim();
      if (text === '') return;
      scope[name] = list ? text.split(/[\s,]+/).filter(Boolean) : text;
    });
    try {
      const wish = { scope, forMinutes: Number(hours.value), most: Number(most.value) };
      const { approval, approved } = await call('POST', '/approvals', wish);
      announce(
        `approved in advance: ${approval.scopeText}; ${count(approved.length, 'machine')} at once`,
      );
      for (const input of inputs) input.value = '';
      await made();
    } catch (error) {
      fail(error);
    } finally {
      send.disabled = false;
    }
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void submit();
  });
  return form;
}
