import { PersonRole } from '../trust/person-role.ts';
import type { AccessMatrix } from './access-matrix.ts';

const head = `# Who may do what

Made from \`server/http/access-matrix.ts\`, which the server is held to: a route without a row there does not start, and each request is looked up in it. What the roles are for: [people](people.md). Paths are below \`/api/v1\`.

Whoever asks for something else than his role may is answered 403, \`session.role\`, with the roles that may.
`;

/** The page that shows the access matrix: one row a route, one column a role. */
export function formatAccessDocs(matrix: AccessMatrix): string {
  const roles = PersonRole.options;
  const rows = [...matrix].map(([route, allowed]) => {
    const marks = roles.map((role) => (allowed.includes(role) ? 'yes' : ''));
    return `| \`${route.replace('/api/v1', '')}\` | ${marks.join(' | ')} |`;
  });
  return [
    head,
    `| route | ${roles.join(' | ')} |`,
    `|---|${roles.map(() => '---|').join('')}`,
    ...rows,
    '',
  ].join('\n');
}
