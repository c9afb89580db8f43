import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { SequenceDetail } from '../../../../http/api-sequences.ts';
import { call } from '../../api/call.ts';
import { useAnswer } from '../../api/queries.ts';
import { Answer } from '../../parts/answer.tsx';
import { PageTitle } from '../../parts/page-title.tsx';
import type { PageProps } from '../../shell/pages.tsx';
import { useQueryWord } from '../../shell/router.tsx';
import { editorText as text } from '../../text/sequences.ts';
import type { PackageVersionView } from '../content/package-answers.ts';
import { useDocumentSchema, useSequences } from './answers.ts';
import { SequenceEditor } from './editor/editor.tsx';
import { readText } from './model/text.ts';
import type { EditSequence } from './model/tree.ts';

/** The editor of one task sequence, or of one that is new: `/sequences/new?name=`. */
export function EditorPage({ params }: PageProps) {
  const id = params['id'] ?? '';
  const [name] = useQueryWord('name');
  const isNew = id === 'new';
  const [round, setRound] = useState(0);
  // Read anew each time: what an edit begins with is what the server has now.
  const opened = useQuery({
    queryKey: ['editor', id, round],
    queryFn: async (): Promise<SequenceDetail | null> =>
      isNew ? null : await call<SequenceDetail>('GET', `/sequences/${encodeURIComponent(id)}`),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  const schema = useDocumentSchema();
  const names = useNames();
  if (opened.data === undefined) return <Answer of={opened}>{() => null}</Answer>;
  if (schema.data === undefined)
    return (
      <>
        <PageTitle title={text.tabs.sequence} />
        <Answer of={schema}>{() => null}</Answer>
      </>
    );
  const of = opened.data;
  return (
    <SequenceEditor
      key={`${id} ${name} ${round}`}
      opened={
        of === null
          ? { id: null, name, version: 0, format: 'yaml' }
          : { id: of.id, name: of.name, version: of.newestVersion, format: of.format }
      }
      read={() => (of === null ? emptySequence(name) : readOpened(of))}
      schema={schema.data}
      names={names}
      onReload={() => setRound(round + 1)}
    />
  );
}

function emptySequence(name: string): EditSequence {
  return { fields: { name }, steps: [], nextId: 1, written: '' };
}

function readOpened({ text: written }: SequenceDetail): EditSequence {
  const read = readText(written);
  if (!read.ok) throw new Error(read.message);
  return read.sequence;
}

/** What references may be: names of packages, images and task sequences. */
function useNames() {
  const packages = useAnswer<PackageVersionView[]>('/packages/versions');
  const sequences = useSequences();
  return useMemo(
    () => ({
      content: [...new Set((packages.data ?? []).map(({ name }) => name))].sort(),
      sequences: (sequences.data ?? []).map(({ name }) => name).sort(),
    }),
    [packages.data, sequences.data],
  );
}
