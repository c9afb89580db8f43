import type { z } from 'zod';
import type {
  SequenceDetail,
  SequenceVersionView,
  SequenceView,
} from '../../../../http/api-sequences.ts';
import { useAnswer } from '../../api/queries.ts';
import type { Schema } from './model/form.ts';

/** A task sequence in the list. */
export type SequenceRow = SequenceView;
/** One version with its text. */
export type OpenedSequence = SequenceDetail;
/** A version in the list of them. */
export type VersionRow = z.infer<typeof SequenceVersionView>;

/** All task sequences. */
export const useSequences = () => useAnswer<SequenceRow[]>('/sequences');

/** The schema of documents, which forms are made from. */
export const useDocumentSchema = () => useAnswer<Schema>('/schema/task-sequence.json');
