import { Readable } from 'node:stream';
import { z } from 'zod';
import { SequenceBatchAnswer, SequenceDetail, SequenceView } from '../../http/api-sequences.ts';
import type { ObjectKind } from './kind.ts';
import { lineDifferences } from './line-differences.ts';
import { listByName, removeBelow } from './listed.ts';

/** A task sequence as a file has it: its text, comments and all. */
const SequenceFile = z.strictObject({
  name: z.string(),
  text: z.string(),
  format: z.enum(['yaml', 'json']),
});
export type SequenceFile = z.infer<typeof SequenceFile>;

/** The newest version on the server. */
interface SequenceNow {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  /** Of one that a file names. */
  readonly text?: string;
}

export const sequenceKind: ObjectKind<SequenceFile, SequenceNow> = {
  kind: 'sequence',
  title: 'task sequence',
  schema: SequenceFile,
  nameOf: ({ name }) => name,
  list: (api) => listByName(api, '/sequences', SequenceView),
  detail: (api, { id }) => api.call('GET', `/sequences/${id}`, SequenceDetail),
  differences: ({ text }, { text: before = '' }) => lineDifferences(before, text),
  /** All that are new or changed together, or none. */
  async putAll({ api }, all) {
    const sequences = all.map(({ document: { text, format }, now }) => ({
      text,
      format,
      as: 'ready',
      // Who changed it meanwhile is not overwritten.
      baseVersion: now?.version ?? 0,
    }));
    const bytes = Buffer.from(JSON.stringify({ packages: [], sequences }));
    await api.call('POST', '/sequences/batch', SequenceBatchAnswer, {
      stream: Readable.from([bytes]),
      sizeBytes: bytes.length,
    });
  },
  prune: {
    may: () => true,
    nameOf: ({ name }) => name,
    remove: removeBelow('/sequences'),
  },
};
