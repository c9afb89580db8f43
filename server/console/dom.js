/**
 * Makes an element. Text is always set as text, never as HTML: names come from machines.
 * @param {string} tag
 * @param {Record<string, any>} [properties] `class`, `on…` handlers, attributes
 * @param {...(Node | string)} children
 */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, '');
    else if (value !== false && value !== undefined) made.setAttribute(name, String(value));
  }
  made.append(...children);
  return made;
}

/** Writes text only where it changed, so that selections and screen readers are left in peace. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Sets or takes away an attribute only where it changed. */
export function setAttribute(node, name, value) {
  if (value === undefined || value === false) node.removeAttribute(name);
  else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, String(value));
}

/** Paints a state as a pill of one of the tones `good`, `warn`, `bad`, `busy`, ''. */
export function setPill(node, tone, text) {
  setAttribute(node, 'class', `pill ${tone}`.trim());
  setText(node, text);
}

/**
 * Keeps a list of rows in step with items: rows keep their elements (and their focus) by key, in the
 * order of the items. `create` returns `{ element, update(item) }`; `empty` is shown instead of no rows.
 */
export function keyedList(container, { key, create, empty }) {
  const rows = new Map();
  const list = element('div', { class: 'rows', role: 'list' });
  container.replaceChildren(list, empty);
  return (items) => {
    empty.hidden = items.length > 0;
    list.hidden = items.length === 0;
    const wanted = new Set(items.map(key));
    for (const [id, row] of rows) {
      if (wanted.has(id)) continue;
      row.element.remove();
      rows.delete(id);
    }
    let previous = null;
    for (const item of items) {
      const id = key(item);
      let row = rows.get(id);
      if (row === undefined) {
        row = create(item);
        row.element.setAttribute('role', 'listitem');
        rows.set(id, row);
      }
      const place = previous === null ? list.firstChild : previous.nextSibling;
      if (place !== row.element) list.insertBefore(row.element, place);
      row.update(item);
      previous = row.element;
    }
  };
}

/** An empty state: what is so, and what to do next, with the command for it. */
export function emptyState(title, text, command) {
  const children = [element('h3', {}, title), element('p', { class: 'quiet' }, text)];
  if (command !== undefined) children.push(element('pre', {}, element('code', {}, command)));
  return element('div', { class: 'empty' }, ...children);
}
