import { z } from 'zod';
import { secretsIn } from '../inventory/document-secrets.ts';
import type { Finding } from './finding.ts';

/** So many places are named; a site with more has much to do anyway. */
const NAMED = 5;

const Node = z.object({
  step: z.string().optional(),
  params: z.unknown().optional(),
  get steps() {
    return z.array(Node).optional();
  },
});
type Node = z.infer<typeof Node>;

/** All documents of all versions; on either database. */
export const DOCUMENTS = `select name, sequence_versions.version, document_json from sequence_versions
  join sequences on sequences.id = sequence_id order by name, sequence_versions.version`;
const Documents = z.array(
  z.object({ name: z.string(), version: z.int(), document_json: z.string() }),
);

/**
 * Looks for passwords that stand in task sequences in the clear: versions of servers that did not refuse them are
 * kept with all others. Names where, and no value.
 *
 * @param rows what the database answers to `DOCUMENTS`
 */
export function plainSecretFinding(rows: unknown): Finding {
  const places = Documents.parse(rows).flatMap(({ name, version, document_json }) =>
    stepsWithSecrets(Node.parse(JSON.parse(document_json))).map(
      (step) => `"${name}" version ${version}, step "${step}"`,
    ),
  );
  const code = 'doctor.plain-secret';
  if (places.length === 0)
    return { level: 'ok', code, message: 'no task sequence has a password in the clear' };
  const more = places.length > NAMED ? `, and ${places.length - NAMED} more` : '';
  return {
    level: 'warning',
    code,
    message: `passwords stand in the clear in ${places.slice(0, NAMED).join('; ')}${more}`,
    hint: 'name an account of the site or a secret variable there (docs/secrets.md), and change these passwords: backups have them too',
  };
}

function stepsWithSecrets(node: Node): string[] {
  return [
    ...(secretsIn(node.params).length > 0 ? [node.step ?? ''] : []),
    ...(node.steps ?? []).flatMap(stepsWithSecrets),
  ];
}
