import { Checkbox } from '@mantine/core';
import type { DeploymentView } from '../../../../http/api.ts';
import { useAnswer } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { Answer } from '../../parts/answer.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { dateTime } from '../../parts/format.ts';
import { LinkButton } from '../../parts/link-button.tsx';
import classes from '../../parts/page.module.css';
import { PageTitle } from '../../parts/page-title.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Pill } from '../../parts/pill.tsx';
import { Table } from '../../parts/table.tsx';
import { Link, useQueryWord } from '../../shell/router.tsx';
import { deploymentsText as text } from '../../text/deployments.ts';

const EVERY_MS = 5000;

/** All deployments, the newest first. */
export function DeploymentsPage() {
  const may = useMay();
  const deployments = useAnswer<DeploymentView[]>('/deployments', { everyMs: EVERY_MS });
  const [withdrawn, setWithdrawn] = useQueryWord('withdrawn');
  return (
    <>
      <PageTitle title={text.title} text={text.text}>
        {may('POST /deployments') && <LinkButton href="/deployments/new">{text.make}</LinkButton>}
      </PageTitle>
      <Answer of={deployments}>
        {(all) => {
          if (all.length === 0) return <EmptyState {...text.empty} />;
          const shown = all
            .filter((one) => withdrawn !== '' || !one.withdrawn)
            .toSorted((one, other) => other.createdMs - one.createdMs);
          return (
            <Panel>
              <div className={classes['bar']}>
                <Checkbox
                  label={text.showWithdrawn}
                  checked={withdrawn !== ''}
                  onChange={(event) => setWithdrawn(event.currentTarget.checked ? '1' : '')}
                />
              </div>
              <Table label={text.title} columns={Object.values(text.columns)}>
                {shown.map((one) => (
                  <tr key={one.id}>
                    <td>
                      <Link href={`/deployments/${one.id}`}>{one.sequence.name}</Link>
                    </td>
                    <td>
                      <Link href={`/collections/${one.collection.id}`}>{one.collection.name}</Link>
                    </td>
                    <td>
                      <Pill
                        tone={one.withdrawn ? 'calm' : one.purpose === 'required' ? 'warn' : 'good'}
                      >
                        {one.withdrawn ? text.withdrawn : text.purposes[one.purpose]}
                      </Pill>
                    </td>
                    <td>{dateTime(one.createdMs)}</td>
                  </tr>
                ))}
              </Table>
            </Panel>
          );
        }}
      </Answer>
    </>
  );
}
