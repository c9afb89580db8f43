import type { Kysely } from 'kysely';
import { z } from 'zod';
import { DeviceId } from '#agent/protocol/identity.ts';
import { BootSigner } from '#boot/boot-image-facts.ts';
import { remember, type SignerMemory } from '#boot/signer-choice.ts';
import { ChainSettings, modelKey } from '../inventory/chain-settings.ts';
import type { LoaderReport, RememberedMachine } from '../netboot/windows-clients.ts';
import type { Tables } from './tables.ts';

/** Settings of one machine or model, as they are kept. */
export interface BootChain {
  readonly scope: 'device' | 'model';
  /** Device id, or `modelKey` of make and model. */
  readonly key: string;
  /** As the operator wrote a model; of a device empty, since its record has the name. */
  readonly label: string;
  readonly settings: ChainSettings;
}
/** What is remembered of one machine's Secure Boot. */
export interface RememberedSigner extends SignerMemory, RememberedMachine {
  readonly changedMs: number;
}

/** Anyone on the wire can invent machines: the oldest go. */
const MOST_REMEMBERED = 20_000;
const Scope = z.enum(['device', 'model']);

export const bootChains = {
  async list(db: Kysely<Tables>): Promise<BootChain[]> {
    const rows = await db
      .selectFrom('boot_chains')
      .selectAll()
      .orderBy('scope')
      .orderBy('key')
      .execute();
    return rows.map((row) => ({
      scope: Scope.parse(row.scope),
      key: row.key,
      label: row.label,
      settings: ChainSettings.parse(JSON.parse(row.settings_json)),
    }));
  },

  /** Replaces the settings of one machine or model; with none at all it has none of its own any more. */
  async put(db: Kysely<Tables>, { scope, key, label, settings }: BootChain): Promise<void> {
    const stored = scope === 'model' ? modelKey(key) : DeviceId.parse(key);
    await db
      .deleteFrom('boot_chains')
      .where('scope', '=', scope)
      .where('key', '=', stored)
      .execute();
    if (Object.values(settings).every((value) => value === undefined)) return;
    await db
      .insertInto('boot_chains')
      .values({ scope, key: stored, label, settings_json: JSON.stringify(settings) })
      .execute();
  },

  /** Keeps what came of a boot manager. Answers what is known of the machine then. */
  async noteLoader(
    db: Kysely<Tables>,
    report: LoaderReport,
    nowMs: number,
  ): Promise<RememberedSigner> {
    const { machine, mac, signer, outcome } = report;
    const before = await db
      .selectFrom('signer_memory')
      .selectAll()
      .where('machine_key', '=', machine)
      .executeTakeFirst();
    const memory = remember(before && toMemory(before), signer, outcome);
    const columns = {
      mac,
      signer: memory.signer,
      failures: memory.failures,
      loaded: memory.loaded ? 1 : 0,
      changed_ms: nowMs,
    };
    await db
      .insertInto('signer_memory')
      .values({ machine_key: machine, ...columns })
      .onConflict((conflict) => conflict.column('machine_key').doUpdateSet(columns))
      .execute();
    if (before === undefined) await dropOldest(db);
    return { machine, mac, ...memory, changedMs: nowMs };
  },

  async signers(db: Kysely<Tables>): Promise<RememberedSigner[]> {
    const rows = await db.selectFrom('signer_memory').selectAll().execute();
    return rows.map(toMemory);
  },

  /** Forgets what is known of a machine's Secure Boot, by its GUID and MAC addresses: its keys were changed. */
  async forget(db: Kysely<Tables>, identifiers: readonly string[]): Promise<void> {
    const any = ['', ...identifiers];
    await db
      .deleteFrom('signer_memory')
      .where((where) => where.or([where('machine_key', 'in', any), where('mac', 'in', any)]))
      .execute();
  },
};

async function dropOldest(db: Kysely<Tables>): Promise<void> {
  const { count } = await db
    .selectFrom('signer_memory')
    .select((select) => select.fn.countAll().as('count'))
    .executeTakeFirstOrThrow();
  const over = Number(count) - MOST_REMEMBERED;
  if (over <= 0) return;
  const oldest = await db
    .selectFrom('signer_memory')
    .select('machine_key')
    .orderBy('changed_ms')
    .limit(over)
    .execute();
  const keys = oldest.map((row) => row.machine_key);
  await db.deleteFrom('signer_memory').where('machine_key', 'in', keys).execute();
}

function toMemory(row: Tables['signer_memory']): RememberedSigner {
  return {
    machine: row.machine_key,
    mac: row.mac,
    signer: BootSigner.parse(row.signer),
    failures: row.failures,
    loaded: row.loaded === 1,
    changedMs: row.changed_ms,
  };
}
