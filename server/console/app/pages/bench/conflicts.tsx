import type { ConflictView } from '../../../../http/api-device-conflicts.ts';
import { call } from '../../api/call.ts';
import { useConflicts, useRefresh } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { Ago } from '../../parts/ago.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Lines, Name, Quiet, Row, RowActions, Rows } from '../../parts/rows.tsx';
import { announce } from '../../shell/notify.tsx';
import { benchText } from '../../text/bench.ts';

const text = benchText.conflicts;
const actions = ['new', 'merge', 'block'] as const;

/** Records that could be one machine, each decided by one button. Only there while there are some. */
export function Conflicts() {
  const { data: conflicts = [] } = useConflicts();
  if (conflicts.length === 0) return null;
  return (
    <Panel title={text.title} count={conflicts.length} summary={text.summary}>
      <Rows label={text.title}>
        {conflicts.map((conflict) => (
          <Conflict key={`${conflict.device.id} ${conflict.other.id}`} of={conflict} />
        ))}
      </Rows>
    </Panel>
  );
}

function Conflict({ of: { device, other, why, lastMs } }: { readonly of: ConflictView }) {
  const may = useMay();
  const refresh = useRefresh();
  const both = text.both(device.name, other.name);
  const decide = async (action: (typeof actions)[number]) => {
    await call('POST', `/device-conflicts/${device.id}/${other.id}`, { action });
    announce(text.said[action](device.name, other.name));
    await refresh('/device-conflicts');
  };
  return (
    <Row>
      <Lines>
        <Name>{both}</Name>
        <Quiet>
          {[device, other].map((each) => each.serialNumber ?? text.noSerial).join(' · ')}
        </Quiet>
      </Lines>
      <Lines>
        <span>{text.why(other.name, why)}</span>
        <Quiet>
          <Ago atMs={lastMs} of={benchText.machines.seen} />
        </Quiet>
      </Lines>
      {may('POST /device-conflicts/:device/:other') && (
        <RowActions>
          {actions.map((action) => (
            <ActButton
              key={action}
              label={text.choiceOf(text.choices[action], both)}
              act={() => decide(action)}
            >
              {text.choices[action]}
            </ActButton>
          ))}
        </RowActions>
      )}
    </Row>
  );
}
