import { z } from 'zod';
import { DeploymentCreate, DeploymentView } from '../../http/api.ts';
import {
  DeploymentSettings,
  DeploymentSettingsChange,
} from '../../inventory/deployment-settings.ts';
import { parseAssignment } from '../deployment-options.ts';
import { type BeforeDeployments, refusalsOf } from './deployment-refusals.ts';
import { differencesOf, key } from './difference.ts';
import type { ObjectKind } from './kind.ts';
import { Name } from './listed.ts';
import { readOr } from './text-form.ts';

/** Settings; assignment schedules also as the command line has them, `2027-01-15T22:00 weekly on monday`. */
const Settings = z.preprocess((value) => {
  if (typeof value !== 'object' || value === null) return value;
  const assignments: unknown = Reflect.get(value, 'assignments');
  if (!Array.isArray(assignments)) return value;
  const read = (one: unknown) => (typeof one === 'string' ? readOr(one, parseAssignment) : one);
  return { ...value, assignments: assignments.map(read) };
}, DeploymentSettingsChange);

/** A deployment as a file describes it. A task sequence is deployed to a collection once. */
const DeploymentDocument = z.strictObject({
  kind: z.literal('deployment'),
  sequence: Name,
  collection: Name,
  purpose: DeploymentCreate.shape.purpose,
  confirmUnknown: DeploymentCreate.shape.confirmUnknown,
  /** Those that are left out are as they are at first. */
  settings: Settings.default({}),
  accepts: DeploymentCreate.shape.accepts,
  unhide: DeploymentCreate.shape.unhide,
});
export type DeploymentDocument = z.infer<typeof DeploymentDocument>;

/** The kind, with what deployments are held against beside the server: what comes before them. */
export function deploymentKindWith(
  before: BeforeDeployments,
): ObjectKind<DeploymentDocument, DeploymentView> {
  return { ...deploymentKind, refusals: (all, site) => refusalsOf(all, site.api, before) };
}

const deploymentKind: ObjectKind<DeploymentDocument, DeploymentView> = {
  kind: 'deployment',
  title: 'deployment',
  schema: DeploymentDocument,
  nameOf: ({ sequence, collection }) => `${sequence} to ${collection}`,
  async list(api) {
    const all = await api.call('GET', '/deployments', z.array(DeploymentView));
    return new Map(
      all
        .filter(({ withdrawn }) => !withdrawn)
        .map((one) => [key(`${one.sequence.name} to ${one.collection.name}`), one]),
    );
  },
  references: ({ sequence, collection }) => [
    { kind: 'sequence', name: sequence },
    { kind: 'collection', name: collection },
  ],
  // What is offered is not turned into something else.
  async problems(document, now) {
    if (now === undefined) return [];
    const what = `"${document.sequence}" is deployed to "${document.collection}"`;
    const hint = `metalwright deployment withdraw ${now.id}, and apply again.`;
    if (now.purpose !== document.purpose)
      return [
        {
          code: 'apply.purpose',
          message: `${what} as ${now.purpose}, not ${document.purpose}`,
          hint,
        },
      ];
    if (differencesOf(now.scope ?? undefined, document.confirmUnknown).length > 0)
      return [{ code: 'apply.scope', message: `${what} with another confirmUnknown`, hint }];
    return [];
  },
  differences: ({ settings }, now) =>
    differencesOf(now.settings, DeploymentSettings.parse(settings), 'settings'),
  async put({ api }, document, now) {
    const { kind: _kind, settings, ...wish } = document;
    if (now === undefined)
      await api.call('POST', '/deployments', DeploymentView, { json: { ...wish, settings } });
    else
      await api.call('PUT', `/deployments/${now.id}`, DeploymentView, {
        json: DeploymentSettings.parse(settings),
      });
  },
  prune: {
    may: () => true,
    nameOf: ({ sequence, collection }) => `${sequence.name} to ${collection.name}`,
    remove: async (api, { id }) =>
      void (await api.call('POST', `/deployments/${id}/withdraw`, DeploymentView, { json: {} })),
  },
};
