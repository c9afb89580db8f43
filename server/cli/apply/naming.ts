import { z } from 'zod';
import { NamingSet, NamingView } from '../../http/api-bench.ts';
import { differencesOf } from './difference.ts';
import type { ObjectKind } from './kind.ts';

/** All rules by which machines are named, in their order; a site has one list of them. */
const NamingDocument = z.strictObject({ kind: z.literal('naming'), ...NamingSet.shape });
type NamingDocument = z.infer<typeof NamingDocument>;

export const namingKind: ObjectKind<NamingDocument, z.infer<typeof NamingView>['rules']> = {
  kind: 'naming',
  title: 'naming rules',
  schema: NamingDocument,
  nameOf: () => 'of the site',
  async list(api) {
    const { rules } = await api.call('GET', '/naming', NamingView);
    return new Map([['of the site', rules]]);
  },
  references: ({ rules }) =>
    rules.flatMap(({ collection }) =>
      collection === undefined ? [] : [{ kind: 'collection', name: collection }],
    ),
  differences: ({ rules }, now) =>
    differencesOf(
      now.map(({ collectionName, collection: _id, ...rule }) => ({
        ...rule,
        collection: collectionName ?? undefined,
      })),
      rules,
      'rule',
    ),
  async put({ api }, { rules }) {
    await api.call('PUT', '/naming', NamingView, { json: { rules } });
  },
};
