import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';
import { index, table } from './columns.ts';

/** The first schema: devices, collections, sequences, packages, deployments, runs, tokens, audit. */
export async function first(db: Kysely<Tables>): Promise<void> {
  await table(db, 'counters', { name: 'text', value: 'int' }, ['name']);
  await table(db, 'settings', { name: 'text', value_json: 'text' }, ['name']);
  await table(
    db,
    'devices',
    {
      id: 'text',
      name: 'text',
      state: 'text',
      smbios_guid: 'text?',
      serial_number: 'text?',
      facts_json: 'text',
      created_ms: 'int',
      last_seen_ms: 'int?',
    },
    ['id'],
  );
  await index(db, 'devices', ['smbios_guid']);
  await index(db, 'devices', ['serial_number']);
  await table(db, 'device_macs', { device_id: 'text', mac: 'text', position: 'int' }, [
    'device_id',
    'mac',
  ]);
  await index(db, 'device_macs', ['mac']);
  await table(
    db,
    'collections',
    {
      id: 'text',
      name: 'text',
      name_key: 'text',
      limiting_id: 'text?',
      built_in: 'int',
      created_ms: 'int',
    },
    ['id'],
  );
  await index(db, 'collections', ['name_key'], { unique: true });
  await table(db, 'collection_members', { collection_id: 'text', device_id: 'text' }, [
    'collection_id',
    'device_id',
  ]);
  await index(db, 'collection_members', ['device_id']);
  await table(
    db,
    'variables',
    {
      owner_kind: 'text',
      owner_id: 'text',
      name_key: 'text',
      name: 'text',
      value: 'text',
      secret: 'int',
    },
    ['owner_kind', 'owner_id', 'name_key'],
  );
  await table(
    db,
    'sequences',
    {
      id: 'text',
      name: 'text',
      name_key: 'text',
      description: 'text',
      version: 'int',
      created_ms: 'int',
    },
    ['id'],
  );
  await index(db, 'sequences', ['name_key'], { unique: true });
  await table(
    db,
    'sequence_versions',
    {
      sequence_id: 'text',
      version: 'int',
      document_json: 'text',
      source_text: 'text',
      source_format: 'text',
      created_ms: 'int',
    },
    ['sequence_id', 'version'],
  );
  await table(
    db,
    'packages',
    {
      id: 'text',
      name: 'text',
      name_key: 'text',
      kind: 'text',
      version: 'int',
      created_ms: 'int',
    },
    ['id'],
  );
  await index(db, 'packages', ['kind', 'name_key'], { unique: true });
  await table(
    db,
    'package_versions',
    {
      package_id: 'text',
      version: 'int',
      manifest_json: 'text',
      size_bytes: 'int',
      created_ms: 'int',
    },
    ['package_id', 'version'],
  );
  await table(
    db,
    'deployments',
    {
      id: 'text',
      sequence_id: 'text',
      collection_id: 'text',
      purpose: 'text',
      scope_json: 'text?',
      withdrawn_ms: 'int?',
      created_ms: 'int',
    },
    ['id'],
  );
  await table(
    db,
    'runs',
    {
      run_id: 'text',
      device_id: 'text',
      deployment_id: 'text',
      sequence_id: 'text',
      sequence_version: 'int',
      sequence_name: 'text',
      purpose: 'text',
      grant_json: 'text',
      key_thumbprint: 'text',
      takeover_approved: 'int',
      state: 'text',
      next_boot: 'text',
      error_json: 'text?',
      started_ms: 'int',
      ended_ms: 'int?',
      last_event_ms: 'int',
      have: 'int',
      log_bytes: 'int',
      cleared_ms: 'int?',
    },
    ['run_id'],
  );
  await index(db, 'runs', ['device_id', 'started_ms']);
  await index(db, 'runs', ['deployment_id', 'started_ms']);
  await table(
    db,
    'events',
    { run_id: 'text', seq: 'int', at_ms: 'int', received_ms: 'int', fact_json: 'text' },
    ['run_id', 'seq'],
  );
  await table(db, 'logs', { run_id: 'text', start: 'int', bytes: 'int', text: 'text' }, [
    'run_id',
    'start',
  ]);
  await table(
    db,
    'agent_tokens',
    {
      token_hash: 'text',
      key_thumbprint: 'text',
      device_id: 'text?',
      identity_json: 'text',
      environment: 'text',
      created_ms: 'int',
      expires_ms: 'int',
    },
    ['token_hash'],
  );
  await index(db, 'agent_tokens', ['device_id']);
  await table(
    db,
    'operator_tokens',
    { token_hash: 'text', kind: 'text', name: 'text', created_ms: 'int', expires_ms: 'int' },
    ['token_hash'],
  );
  await table(
    db,
    'audit',
    { id: 'text', at_ms: 'int', who: 'text', action: 'text', detail_json: 'text' },
    ['id'],
  );
  await index(db, 'audit', ['at_ms']);
}
