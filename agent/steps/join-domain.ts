import { z } from 'zod';
import { joinActionVariables, plainActionVariables } from '#agent/sequence/action-variables.ts';
import type { Membership } from '#agent/sequence/network-capability.ts';
import { defineStep } from '#agent/sequence/step.ts';
import { Join, membershipFaults, membershipFields, membershipVariables } from './membership.ts';
import { networkOf } from './network-of.ts';
import { trueOrFalse } from './true-or-false.ts';

const params = z
  .strictObject({
    join: Join.meta({ title: 'Join', description: 'A domain or a workgroup.' }),
    ...membershipFields,
    offlineBlob: z.string().max(200_000).optional().meta({
      title: 'Offline domain join blob',
      description:
        'What djoin /provision wrote, best a %Variable% that is hidden. It joins this computer to its domain without an account and without reaching a controller.',
      writeOnly: true,
    }),
    skipReboot: trueOrFalse().default(false).meta({
      title: 'Skip the restart',
      description: 'The membership counts after the next restart; a later step must make it.',
    }),
  })
  .superRefine((membership, context) => {
    for (const fault of membershipFaults(membership)) {
      const needsNone = membership.offlineBlob !== undefined && fault.path.includes('account');
      if (!needsNone) context.addIssue({ code: 'custom', ...fault });
    }
    if (membership.offlineBlob !== undefined && membership.join !== 'domain')
      context.addIssue({
        code: 'custom',
        path: ['offlineBlob'],
        message: 'joins a domain, not a workgroup',
      });
  });
type JoinParams = z.output<typeof params>;

/**
 * Join Domain or Workgroup (reference: steps, section 6). Restarts into the system by itself; where the
 * computer is a member already, nothing is done, but for a restart where an attempt was cut off before: it
 * may have joined. So it may run again after an interruption.
 */
export const joinDomain = defineStep({
  type: 'join-domain',
  title: 'Join Domain or Workgroup',
  menu: 'general',
  help: 'Joins the installed Windows to a domain or a workgroup, and restarts it.',
  action: 'now',
  needs: ['power', 'network'],
  runsIn: ['full-os'],
  params,
  repeatable: true,
  destructive: false,
  actionVariables: joinActionVariables(
    membershipVariables({
      join: 'OSDJoinType',
      workgroup: 'OSDJoinWorkgroupName',
      domain: 'OSDJoinDomainName',
      ou: 'OSDJoinDomainOUName',
      user: 'OSDJoinAccount',
      password: 'OSDJoinPassword',
    }),
    plainActionVariables({
      OSDJoinSkipReboot: {
        param: 'skipReboot',
        type: 'boolean',
        schema: params.shape.skipReboot,
      },
    }),
  ),
  references: () => [],
  async *run(settings, context) {
    const { platform, signal } = context;
    const network = networkOf(platform);
    const wanted = settings.join === 'domain' ? settings.domain : settings.workgroup;
    const what = `the ${settings.join} ${wanted?.trim()}`;
    yield { detail: `Joining ${what}` };
    const now = await network.membership?.(signal);
    if (now !== undefined && isMember(now, settings.join, wanted ?? '')) {
      context.log(`This computer is a member of ${what} already`);
      // An attempt that was cut off may have joined it: then it has not restarted yet.
      const mayBeNew = (context.attempt ?? 1) > 1 && !settings.skipReboot;
      return mayBeNew ? { restart: 'disk' } : {};
    }
    if (now !== undefined) context.log(`This computer is a member of the ${now.kind} ${now.name}`);
    await network.join(joinRequest(settings), signal);
    context.log(`Joined ${what}${settings.skipReboot ? '; it counts after the next restart' : ''}`);
    return settings.skipReboot ? {} : { restart: 'disk' };
  },
});

function isMember(now: Membership, kind: Membership['kind'], name: string): boolean {
  const names = [now.name, now.kind === 'domain' ? now.dnsName : undefined];
  const wanted = name.trim().toLowerCase();
  return now.kind === kind && names.some((each) => each?.toLowerCase() === wanted);
}

function joinRequest(settings: JoinParams): Parameters<ReturnType<typeof networkOf>['join']>[0] {
  const { join, domain = '', workgroup = '', ou = '', account, offlineBlob } = settings;
  if (join === 'workgroup')
    return { kind: 'workgroup', workgroup: workgroup.trim(), account: account ?? null };
  if (offlineBlob !== undefined && offlineBlob.trim() !== '')
    return { kind: 'offline-blob', blob: offlineBlob };
  const unit = ou.trim().replace(/^LDAP:\/\//i, '');
  return {
    kind: 'domain',
    domain: domain.trim(),
    organizationalUnit: unit === '' ? null : unit,
    account: account ?? { user: '', password: '' },
  };
}
