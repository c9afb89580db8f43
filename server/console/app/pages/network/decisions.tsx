import { memo } from 'react';
import type { BootDecisionView } from '../../../../http/api.ts';
import { useFeed } from '../../api/feed.ts';
import { EmptyState } from '../../parts/empty-state.tsx';
import { clock } from '../../parts/format.ts';
import { Loading } from '../../parts/loading.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Pill } from '../../parts/pill.tsx';
import { Lines, Mono, Quiet, Row, Rows } from '../../parts/rows.tsx';
import { networkText } from '../../text/network.ts';

const text = networkText.decisions;
const keyOf = (each: BootDecisionView) => `${each.atMs} ${each.mac} ${each.reason}`;

/** The newest boot requests, each answer and each silence with its reason. */
export function Decisions() {
  const feed = useFeed();
  const shown = [...new Map((feed?.decisions ?? []).map((each) => [keyOf(each), each])).entries()];
  return (
    <Panel title={text.title} summary={text.text}>
      {feed === null && <Loading />}
      {feed !== null && shown.length === 0 && <EmptyState {...text.empty} />}
      {shown.length > 0 && (
        <Rows label={text.title}>
          {shown.map(([key, each]) => (
            <Decision key={key} of={each} />
          ))}
        </Rows>
      )}
    </Panel>
  );
}

const Decision = memo(function Decision({ of }: { readonly of: BootDecisionView }) {
  return (
    <Row>
      <Lines narrow>
        <Quiet>{clock(of.atMs)}</Quiet>
        <span>
          <Pill tone={of.outcome === 'answered' ? 'good' : 'calm'}>
            {text.outcomes[of.outcome]}
          </Pill>
        </span>
      </Lines>
      <Lines>
        <Mono>{of.mac}</Mono>
        <Quiet>
          {of.interfaceName} {of.architecture}
        </Quiet>
        {of.boot !== null && <Quiet>{describeBoot(of.boot)}</Quiet>}
      </Lines>
      <Lines>
        <span>{of.reason}</span>
      </Lines>
    </Row>
  );
});

/** Boot image and the way to it, with whose boot manager of Windows: `Bench PE, windows-pe, signed by 2023`. */
function describeBoot({ image, chain, signer }: NonNullable<BootDecisionView['boot']>): string {
  return [image, chain, ...(signer === null ? [] : [text.signedBy(signer)])].join(', ');
}
