import { useState } from 'react';
import type { ApprovalView } from '../../../../http/api-bench.ts';
import { call } from '../../api/call.ts';
import { useAnswer, useRefresh } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { Answer } from '../../parts/answer.tsx';
import { span } from '../../parts/format.ts';
import { useNow } from '../../parts/now.ts';
import { Lines, Name, Quiet, Row, RowActions, Rows } from '../../parts/rows.tsx';
import { announce } from '../../shell/notify.tsx';
import { benchText } from '../../text/bench.ts';
import { ApprovalForm } from './approval-form.tsx';
import classes from './waiting.module.css';

const EVERY_MS = 9000;
const text = benchText.approvals;

/** Approvals that stand for a while: those that are open, and a form for another one. Read while it is open. */
export function Approvals() {
  const [isOpen, setOpen] = useState(false);
  return (
    <details className={classes['advance']} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{text.title}</summary>
      {isOpen && <OpenApprovals />}
    </details>
  );
}

function OpenApprovals() {
  const may = useMay();
  const approvals = useAnswer<ApprovalView[]>('/approvals', { everyMs: EVERY_MS });
  return (
    <>
      <Answer of={approvals}>
        {(all) => {
          const open = all.filter((each) => each.open);
          if (open.length === 0) return <Quiet>{text.none}</Quiet>;
          return (
            <Rows label={text.title}>
              {open.map((each) => (
                <ApprovalRow key={each.id} approval={each} mayEnd={may('DELETE /approvals/:id')} />
              ))}
            </Rows>
          );
        }}
      </Answer>
      {may('POST /approvals') && <ApprovalForm />}
    </>
  );
}

function ApprovalRow({
  approval,
  mayEnd,
}: {
  readonly approval: ApprovalView;
  readonly mayEnd: boolean;
}) {
  const now = useNow();
  const refresh = useRefresh();
  const { id, scopeText, used, most, endsMs, who } = approval;
  return (
    <Row>
      <Lines>
        <Name>{scopeText}</Name>
        <Quiet>{text.facts(used, most, span(endsMs - now), who)}</Quiet>
      </Lines>
      {mayEnd && (
        <RowActions>
          <ActButton
            label={text.endOf(scopeText)}
            act={async () => {
              await call('DELETE', `/approvals/${id}`);
              announce(text.ended(scopeText));
              await refresh('/approvals');
            }}
          >
            {text.end}
          </ActButton>
        </RowActions>
      )}
    </Row>
  );
}
