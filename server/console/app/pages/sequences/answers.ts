import type { z } from 'zod';
import type { SequenceVersionView, SequenceView } from '../../../../http/api-sequences.ts';
import { useAnswer } from '../../api/queries.ts';
import type { Schema } from './model/form.ts';

/** A version in the list of them. */
export type VersionRow = z.infer<typeof SequenceVersionView>;

/** All task sequences. */
export const useSequences = () => useAnswer<SequenceView[]>('/sequences');

/** The schema of documents, which forms are made from. */
export const useDocumentSchema = () => useAnswer<Schema>('/schema/task-sequence.json');
