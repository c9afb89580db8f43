import { z } from 'zod';
import { joinActionVariables, plainActionVariables } from '#agent/sequence/action-variables.ts';
import { defineLaterStep } from '#agent/sequence/step.ts';
import { Join, membershipFaults, membershipFields, membershipVariables } from './membership.ts';
import { trueOrFalse } from './true-or-false.ts';

const params = z
  .strictObject({
    join: Join.meta({ title: 'Join', description: 'A domain or a workgroup.' }),
    ...membershipFields,
    skipReboot: trueOrFalse().default(false).meta({
      title: 'Skip the restart',
      description: 'The membership counts after the next restart; a later step must make it.',
    }),
  })
  .superRefine((membership, context) => {
    for (const fault of membershipFaults(membership))
      context.addIssue({ code: 'custom', ...fault });
  });

/** Join Domain or Workgroup (reference: steps, section 6). Restarts into the system by itself. */
export const joinDomain = defineLaterStep({
  type: 'join-domain',
  title: 'Join Domain or Workgroup',
  menu: 'general',
  help: 'Joins the installed Windows to a domain or a workgroup, and restarts it.',
  needs: ['power'],
  runsIn: ['full-os'],
  params,
  repeatable: true,
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
  async *simulate({ join, domain, workgroup, skipReboot }, context) {
    const what = join === 'domain' ? `the domain ${domain}` : `the workgroup ${workgroup}`;
    yield { detail: `Joining ${what}` };
    context.log(`Would join ${what}`);
    return skipReboot ? {} : { restart: 'disk' };
  },
});
