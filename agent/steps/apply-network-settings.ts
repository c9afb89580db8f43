import { z } from 'zod';
import { joinActionVariables, plainActionVariables } from '#agent/sequence/action-variables.ts';
import { defineStep } from '#agent/sequence/step.ts';
import { adapterComponents } from '../unattend/adapters.ts';
import { joinComponent } from '../unattend/join.ts';
import { keep, keptNetworkSettings } from '../windows-setup/answer-settings.ts';
import { checkedForAnswerFile, macAddressesOf } from './answer-file.ts';
import { Join, membershipFaults, membershipFields, membershipVariables } from './membership.ts';
import { adapterVariables, NetworkAdapters } from './network-adapters.ts';
import { trueOrFalse } from './true-or-false.ts';

const params = z
  .strictObject({
    join: Join.optional().meta({
      title: 'Join',
      description: 'A domain or a workgroup. Without it Windows is in the workgroup of its image.',
    }),
    ...membershipFields,
    adapters: NetworkAdapters.default([]).meta({
      title: 'Network adapters',
      description: 'Without any, each takes its address from DHCP.',
    }),
    dnsDomain: z.string().max(255).optional().meta({ title: 'Primary DNS domain' }),
    dnsSuffixes: z.string().max(4000).optional().meta({
      title: 'DNS suffix search order',
      description: 'Suffixes with commas.',
    }),
    tcpIpFiltering: trueOrFalse().default(false).meta({
      title: 'Enable TCP/IP filtering',
      description: 'The filters of the adapters count.',
    }),
  })
  .superRefine((membership, context) => {
    for (const fault of membershipFaults(membership))
      context.addIssue({ code: 'custom', ...fault });
  });

/** The settings of Apply Network Settings. */
export type NetworkSettings = z.output<typeof params>;

const { shape } = params;

/**
 * Apply Network Settings (reference: steps, section 5). What it says is kept for the answer file, which Setup
 * Windows makes; the last such step of a run counts, as a whole. What Capture Network Settings found is in
 * variables, and so counts for more than what stands here.
 */
export const applyNetworkSettings = defineStep({
  type: 'apply-network-settings',
  title: 'Apply Network Settings',
  menu: 'settings',
  help: 'Sets membership and network adapters of the Windows that was applied.',
  action: 'now',
  needs: ['query'],
  runsIn: ['winpe', 'linux-pe'],
  params,
  repeatable: true,
  destructive: false,
  actionVariables: joinActionVariables(
    membershipVariables({
      join: 'OSDNetworkJoinType',
      workgroup: 'OSDWorkgroupName',
      domain: 'OSDDomainName',
      ou: 'OSDDomainOUName',
      user: 'OSDJoinAccount',
      password: 'OSDJoinPassword',
    }),
    plainActionVariables({
      OSDDNSDomain: { param: 'dnsDomain', schema: shape.dnsDomain },
      OSDDNSSuffixSearchOrder: { param: 'dnsSuffixes', schema: shape.dnsSuffixes },
      OSDEnableTCPIPFiltering: {
        param: 'tcpIpFiltering',
        type: 'boolean',
        schema: shape.tcpIpFiltering,
      },
    }),
    adapterVariables('OSDAdapter'),
  ),
  references: () => [],
  check: async (settings, { platform, signal }) =>
    assertFits(settings, macAddressesOf(await platform.query.inventory(signal))),
  // oxlint-disable-next-line require-yield
  async *run(settings, context) {
    const { platform, variables, signal } = context;
    assertFits(settings, macAddressesOf(await platform.query.inventory(signal)));
    keep(variables, keptNetworkSettings, settings);
    const { join, domain, workgroup, adapters } = settings;
    const membership = join === 'domain' ? `domain ${domain}` : `workgroup ${workgroup}`;
    context.log(
      `${join === undefined ? 'No membership' : membership}, ${adapters.length} adapters with settings of their own`,
    );
    return {};
  },
  /** Which adapters a device has that is only described, nobody need say. */
  // oxlint-disable-next-line require-yield
  async *simulate(settings) {
    checkedForAnswerFile(() => joinComponent(settings, undefined, 'amd64'));
    return {};
  },
});

/** @throws {StepError} `unattend.*` */
function assertFits(settings: NetworkSettings, macAddresses: readonly string[]): void {
  checkedForAnswerFile(() => {
    joinComponent(settings, undefined, 'amd64');
    adapterComponents(settings.adapters, settings, { macAddresses, architecture: 'amd64' });
  });
}
