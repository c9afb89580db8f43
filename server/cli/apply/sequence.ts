import { Readable } from 'node:stream';
import { z } from 'zod';
import { SequenceBatchAnswer, SequenceDetail, SequenceView } from '../../http/api-sequences.ts';
import { key } from './difference.ts';
import type { ObjectKind } from './kind.ts';
import { lineDifferences } from './line-differences.ts';

/** A task sequence as a file has it: its text, comments and all. */
const SequenceFile = z.strictObject({
  name: z.string(),
  text: z.string(),
  format: z.enum(['yaml', 'json']),
});
type SequenceFile = z.infer<typeof SequenceFile>;

/** The newest version on the server. */
interface SequenceNow {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly text: string;
}

export const sequenceKind: ObjectKind<SequenceFile, SequenceNow> = {
  kind: 'sequence',
  title: 'task sequence',
  schema: SequenceFile,
  nameOf: ({ name }) => name,
  async list(api) {
    const all = await api.call('GET', '/sequences', z.array(SequenceView));
    return new Map(
      all.map(({ id, name, version }) => [key(name), { id, name, version, text: '' }]),
    );
  },
  detail: (api, { id }) => api.call('GET', `/sequences/${id}`, SequenceDetail),
  differences: ({ text }, now) => lineDifferences(now.text, text),
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
    remove: async (api, { id }) => void (await api.call('DELETE', `/sequences/${id}`, z.unknown())),
  },
};
