import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';
import { index, numberColumn, table, textColumn } from './columns.ts';

/** People with accounts, what they are signed in with, and attempts to sign in. */
export async function people(db: Kysely<Tables>): Promise<void> {
  await table(
    db,
    'people',
    {
      id: 'text',
      name: 'text',
      name_key: 'text',
      role: 'text',
      password_hash: 'text',
      issuer: 'text',
      subject: 'text',
      disabled: 'int',
      created_ms: 'int',
      last_signed_in_ms: 'int?',
    },
    ['id'],
  );
  await index(db, 'people', ['name_key'], { unique: true });
  await index(db, 'people', ['issuer', 'subject']);
  for (const name of ['id', 'person_id', 'role', 'scope_json', 'remote_address'])
    await textColumn(db, 'operator_tokens', { name, default: '' });
  await numberColumn(db, 'operator_tokens', { name: 'last_used_ms', default: 0 });
  await index(db, 'operator_tokens', ['person_id']);
  await table(
    db,
    'sign_in_attempts',
    { subject: 'text', failures: 'int', last_ms: 'int', blocked_until_ms: 'int' },
    ['subject'],
  );
  await index(db, 'audit', ['at_ms', 'id']);
}
