import type { MediaView } from '../../../../http/api-media.ts';
import { useAnswer } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { Answer } from '../../parts/answer.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { PageTitle } from '../../parts/page-title.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Rows } from '../../parts/rows.tsx';
import { mediaText as text } from '../../text/media.ts';
import { MediaForm } from './media-form.tsx';
import { MediaRow } from './media-row.tsx';

const EVERY_MS = 1000;

/** Media: making them, how far that is, the file, and blocking those that are out there. */
export function MediaPage() {
  const may = useMay();
  const media = useAnswer<MediaView[]>('/media', { everyMs: EVERY_MS });
  return (
    <>
      <PageTitle title={text.title} text={text.text} />
      {may('POST /media') && (
        <Panel title={text.form.title}>
          <MediaForm />
        </Panel>
      )}
      <Answer of={media}>
        {(all) => (
          <Panel title={text.list} count={all.length}>
            {all.length === 0 ? (
              <EmptyState {...text.empty} />
            ) : (
              <Rows label={text.list}>
                {all
                  .toSorted((one, other) => other.createdMs - one.createdMs)
                  .map((one) => (
                    <MediaRow key={one.id} media={one} />
                  ))}
              </Rows>
            )}
          </Panel>
        )}
      </Answer>
    </>
  );
}
