import { queryFields } from './fields.ts';
import { wqlClasses } from './wql-classes.ts';

/** The table of fields in docs/collections.md. */
export function formatFieldDocs(): string {
  const rows = queryFields.map(
    ({ name, aliases, type, list, doc }) =>
      `| \`${name}\` | ${aliases.map((alias) => `\`${alias}\``).join(', ')} | ${type}${list ? ', several' : ''} | ${doc} |`,
  );
  return ['| field | also | type | what |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

/** The table of WQL classes in docs/collections.md. */
export function formatClassDocs(): string {
  const rows = wqlClasses.map(
    ({ name, properties }) =>
      `| \`${name}\` | ${[...properties].map(([, { property, field }]) => `\`${property}\` (${field.name})`).join(', ')} |`,
  );
  return ['| class | properties, and the field that each is |', '| --- | --- |', ...rows].join(
    '\n',
  );
}
