import { z } from 'zod';
import { joinActionVariables, plainActionVariables } from '#agent/sequence/action-variables.ts';
import { defineLaterStep } from '#agent/sequence/step.ts';
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
 * Apply Network Settings (reference: steps, section 5). Writes into the answer file of the new system;
 * what Capture Network Settings found wins over what stands here.
 */
export const applyNetworkSettings = defineLaterStep({
  type: 'apply-network-settings',
  title: 'Apply Network Settings',
  menu: 'settings',
  help: 'Sets membership and network adapters of the Windows that was applied.',
  needs: ['disk'],
  runsIn: ['winpe'],
  params,
  repeatable: true,
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
});
