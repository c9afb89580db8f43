/**
 * What MDT makes of a rules file, told again as plainly as its scripts do it: line by line, section by
 * section. It shares nothing with the making of rules that it is compared with but the names of MDT's own
 * properties.
 */
import { standardProperties } from '../rules/properties.ts';

export type Values = Readonly<Record<string, string>>;

/** The variables after the rules, by name in upper case. */
export function runMdtRules(text: string, machine: Values): ReadonlyMap<string, string> {
  const lines = text.split('\n').map((line) => line.trim());
  const values = new Map(
    Object.entries(machine).map(([name, value]) => [name.toUpperCase(), value]),
  );
  const get = (name: string): string => values.get(name.toUpperCase()) ?? '';
  const read = (section: string, key: string): string => {
    const start = lines.findIndex((line) => line.toUpperCase() === `[${section.toUpperCase()}]`);
    if (start < 0) return '';
    for (const line of lines.slice(start + 1)) {
      if (line.startsWith('[')) return '';
      const at = line.indexOf('=');
      if (at > 0 && line.slice(0, at).trim().toUpperCase() === key.toUpperCase())
        return line.slice(at + 1).trim();
    }
    return '';
  };
  const put = (value: string): string =>
    value.replaceAll(/%([\w-]+)%/g, (_, name: string) => get(name));
  const words = (list: string): string[] =>
    list
      .split(',')
      .map((word) => word.trim())
      .filter((word) => word !== '');

  const order = standardProperties.map(({ name }) => name.toUpperCase());
  const lists = new Set(
    standardProperties.filter(({ isList }) => isList).map(({ name }) => name.toUpperCase()),
  );
  const lastWins = new Set(
    standardProperties
      .filter(({ isOverwritten }) => isOverwritten)
      .map(({ name }) => name.toUpperCase()),
  );
  for (const word of words(read('Settings', 'Properties'))) {
    const name = word.replace('(*)', '').toUpperCase();
    if (word.endsWith('(*)')) lists.add(name);
    if (!order.includes(name)) order.push(name);
  }
  const member = (list: string, place: number): string =>
    `${list}${String(place).padStart(3, '0')}`;
  const items = (list: string): string[] => {
    const found: string[] = [];
    while (get(member(list, found.length + 1)) !== '')
      found.push(get(member(list, found.length + 1)));
    return found;
  };

  const readSection = (section: string): void => {
    const inner = read(section, 'Subsection');
    if (inner !== '') readSection(put(inner));
    for (const name of order) {
      if (lists.has(name)) {
        for (let place = 1; place <= 100; place += 1) {
          const value = read(section, `${name}${place}`) || read(section, member(name, place));
          if (value === '') break;
          const known = items(name);
          const isThere = known.some((each) => each.toUpperCase() === put(value).toUpperCase());
          if (!isThere) values.set(member(name, known.length + 1), put(value));
        }
        continue;
      }
      const value = read(section, name);
      if (value !== '' && (get(name) === '' || lastWins.has(name))) values.set(name, put(value));
    }
  };
  for (const word of words(read('Settings', 'Priority'))) {
    const name = word.toUpperCase();
    if (name === 'DEFAULTGATEWAY') {
      for (const gateway of items(name)) {
        const section = read('DefaultGateway', gateway);
        if (section !== '') readSection(section);
      }
    } else if (lists.has(name) || items(name).length > 0) {
      for (const item of items(name)) readSection(item);
    } else readSection(get(name) === '' ? word : get(name));
  }
  return new Map([...values].filter(([, value]) => value !== ''));
}
