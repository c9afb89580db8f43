import type { Kysely } from 'kysely';
import { z } from 'zod';
import { MacAddress, PackageId, SmbiosGuid } from '#agent/protocol/identity.ts';
import { ClientRules, ResponseDelaySeconds } from '../inventory/answer-lists.ts';
import { BenchDhcpSettings } from '../inventory/bench-dhcp.ts';
import { ChainSettings } from '../inventory/chain-settings.ts';
import { SiteDeployments } from '../inventory/site-deployments.ts';
import { WindowsSetupLostMinutes } from '../inventory/windows-setup-phase.ts';
import type { Tables } from './tables.ts';

/** What an operator may set while the server runs. What it needs to start is in config.ts. */
export const SiteSettings = z.object({
  /** Names of interfaces PXE is answered on; none until an operator says so. */
  answerOn: z.array(z.string()).default([]),
  unknownMachines: z.enum(['deploy', 'ask', 'ignore']).default('ask'),
  /** Dock and dongle adapters found in many machines: served, but not used to identify. */
  sharedMacs: z.array(MacAddress).default([]),
  /** GUIDs found in many machines. */
  sharedGuids: z.array(SmbiosGuid).default([]),
  /** Never served. */
  excludedMacs: z.array(MacAddress).default([]),
  /** Clients that alone are answered, and those that are not: rules of dhcp/client-rule.ts. */
  answerOnly: ClientRules.default([]),
  ignoreClients: ClientRules.default([]),
  /** Seconds that other PXE servers have to answer first. */
  responseDelaySeconds: ResponseDelaySeconds.default(0),
  /** Whether machines are sent to their disk, and refused, by menus of PXE. */
  pxeMenu: z.boolean().default(true),
  /** Boot image of unknown machines and of those that wait; null is Linux PE. */
  bootImage: PackageId.nullable().default(null),
  /** Minutes of silence after which a machine in Windows Setup counts as lost. */
  windowsSetupLostMinutes: WindowsSetupLostMinutes.default(90),
  /** What holds for all deployments of the site. */
  deployments: SiteDeployments.prefault({}),
  /** How machines are started for which nothing more is set. */
  chain: ChainSettings.prefault({}),
  /** Package with iPXE and wimboot; null until an operator has added them. */
  wimboot: PackageId.nullable().default(null),
  /** Addresses that are granted on isolated benches. */
  benchDhcp: BenchDhcpSettings.prefault({}),
  /** Features that are off until somebody switches them on. */
  features: z.object({ childSequences: z.boolean().default(false) }).prefault({}),
});
export type SiteSettings = z.infer<typeof SiteSettings>;

export const settings = {
  /** The settings of the site, with defaults for what was never set. */
  async get(db: Kysely<Tables>): Promise<SiteSettings> {
    const row = await db
      .selectFrom('settings')
      .select('value_json')
      .where('name', '=', 'site')
      .executeTakeFirst();
    return SiteSettings.parse(row === undefined ? {} : JSON.parse(row.value_json));
  },

  /** Changes the given ones and answers all. */
  async change(db: Kysely<Tables>, change: Partial<SiteSettings>): Promise<SiteSettings> {
    const next = SiteSettings.parse({ ...(await settings.get(db)), ...change });
    const value_json = JSON.stringify(next);
    await db
      .insertInto('settings')
      .values({ name: 'site', value_json })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value_json }))
      .execute();
    return next;
  },
};
