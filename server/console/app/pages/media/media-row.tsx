import type { MediaView } from '../../../../http/api-media.ts';
import { call } from '../../api/call.ts';
import { useRefresh } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { bytes, dateTime } from '../../parts/format.ts';
import type { Tone } from '../../parts/pill.tsx';
import { ProgressBar } from '../../parts/progress-bar.tsx';
import { Lines, Name, Quiet, Row, RowActions, RowState, Wrong } from '../../parts/rows.tsx';
import { announce } from '../../shell/notify.tsx';
import { mediaText as text } from '../../text/media.ts';

const tones: Readonly<Record<keyof typeof text.states, Tone>> = {
  making: 'busy',
  ready: 'good',
  failed: 'bad',
  cancelled: 'calm',
  interrupted: 'bad',
  blocked: 'warn',
};

/** One of the media: how it stands, and what can be done with it. */
export function MediaRow({ media }: { readonly media: MediaView }) {
  const state = media.blockedMs === null ? media.state : 'blocked';
  return (
    <Row>
      <RowState tone={tones[state]} word={text.states[state]} />
      <Lines>
        <Name>{media.label}</Name>
        <Quiet>
          {text.forms[media.form]}
          {media.sizeBytes > 0 && `, ${bytes(media.sizeBytes)}`}
        </Quiet>
        <Quiet>{text.madeBy(media.madeBy, dateTime(media.createdMs))}</Quiet>
      </Lines>
      <Lines>
        {media.state === 'making' && (
          <ProgressBar label={text.progressOf(media.label)} done={media.progress} />
        )}
        {media.error !== null && (
          <Wrong>
            {media.error.message}. {media.error.hint}
          </Wrong>
        )}
        {media.blockedMs !== null && (
          <Wrong>{text.blockedSince(dateTime(media.blockedMs), media.blockedReason)}</Wrong>
        )}
        <Quiet>{media.password ? text.password : text.noPassword}</Quiet>
        {media.unknownComputers && <Quiet>{text.unknownComputers}</Quiet>}
        <Quiet>{validText(media)}</Quiet>
        {media.facts.warnings.map(({ code, message }) => (
          <Quiet key={code}>{message}</Quiet>
        ))}
      </Lines>
      <MediaActions media={media} />
    </Row>
  );
}

function MediaActions({
  media: { id, label, state, form, blockedMs },
}: {
  readonly media: MediaView;
}) {
  const may = useMay();
  const refresh = useRefresh();
  const change = async (done: Promise<unknown>, told: string) => {
    await done;
    announce(told);
    await refresh('/media');
  };
  const block = (blocked: boolean) => call('PUT', `/media/${id}/block`, { blocked });
  return (
    <RowActions>
      {state === 'ready' && form !== 'folder' && (
        <a href={`/api/v1/media/${id}/file`} download="" aria-label={text.downloadOf(label)}>
          {text.download}
        </a>
      )}
      {state === 'making' && may('POST /media/:id/cancel') && (
        <ActButton
          label={text.cancelOf(label)}
          act={() => change(call('POST', `/media/${id}/cancel`), text.cancelled(label))}
        >
          {text.cancel}
        </ActButton>
      )}
      {state === 'ready' && blockedMs === null && may('PUT /media/:id/block') && (
        <ConfirmButton
          label={text.blockOf(label)}
          title={text.blockOf(label)}
          text={<p>{text.blockText}</p>}
          act={() => change(block(true), text.blocked(label))}
        >
          {text.block}
        </ConfirmButton>
      )}
      {blockedMs !== null && may('PUT /media/:id/block') && (
        <ActButton
          label={text.unblockOf(label)}
          act={() => change(block(false), text.unblocked(label))}
        >
          {text.unblock}
        </ActButton>
      )}
      {state !== 'making' && may('DELETE /media/:id') && (
        <ConfirmButton
          label={text.deleteOf(label)}
          title={text.deleteOf(label)}
          text={<p>{text.deleteText}</p>}
          act={() => change(call('DELETE', `/media/${id}`), text.deleted(label))}
        >
          {text.delete}
        </ConfirmButton>
      )}
    </RowActions>
  );
}

function validText({ validFromMs: from, validUntilMs: until }: MediaView): string {
  if (from !== null && until !== null) return text.valid(dateTime(from), dateTime(until));
  if (until !== null) return text.validUntil(dateTime(until));
  return from === null ? '' : text.validFrom(dateTime(from));
}
