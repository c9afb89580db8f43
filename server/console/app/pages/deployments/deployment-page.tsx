import type { DeploymentView } from '../../../../http/api.ts';
import type { DeploymentStatusView } from '../../../../http/api-deployment-status.ts';
import { call } from '../../api/call.ts';
import { useAnswer, useRefresh } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { Answer } from '../../parts/answer.tsx';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { Facts } from '../../parts/facts.tsx';
import { Notice } from '../../parts/notice.tsx';
import classes from '../../parts/page.module.css';
import { PageTitle } from '../../parts/page-title.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Pill, type Tone } from '../../parts/pill.tsx';
import { Lines, Quiet, Row, Rows } from '../../parts/rows.tsx';
import { announce } from '../../shell/notify.tsx';
import type { PageProps } from '../../shell/pages.tsx';
import { Link } from '../../shell/router.tsx';
import { deploymentsText as text } from '../../text/deployments.ts';

const EVERY_MS = 5000;
type Standing = keyof typeof text.standings;
const standings = Object.keys(text.standings) as Standing[];
const tones: Readonly<Record<Standing, Tone>> = {
  'in-progress': 'busy',
  success: 'good',
  error: 'bad',
  'requirements-not-met': 'warn',
  unknown: 'calm',
};

/** One deployment: how it stands on each machine. */
export function DeploymentPage({ params: { id = '' } }: PageProps) {
  const deployment = useAnswer<DeploymentView>(`/deployments/${id}`);
  const status = useAnswer<DeploymentStatusView>(`/deployments/${id}/status`, {
    everyMs: EVERY_MS,
  });
  return (
    <Answer of={deployment}>
      {(one) => (
        <>
          <PageTitle title={one.sequence.name} text={one.settings.comment}>
            <Link href="/deployments">{text.back}</Link>
          </PageTitle>
          <Panel>
            <Facts
              of={[
                [
                  text.columns.collection,
                  <Link key="to" href={`/collections/${one.collection.id}`}>
                    {one.collection.name}
                  </Link>,
                ],
                [text.columns.purpose, one.withdrawn ? text.withdrawn : text.purposes[one.purpose]],
              ]}
            />
            <div className={classes['more']}>
              {!one.withdrawn && <Withdraw of={one} members={status.data?.devices.length ?? 0} />}
            </div>
          </Panel>
          <Answer of={status}>{(now) => <Status now={now} />}</Answer>
        </>
      )}
    </Answer>
  );
}

function Withdraw({ of, members }: { readonly of: DeploymentView; readonly members: number }) {
  const may = useMay();
  const refresh = useRefresh();
  if (!may('POST /deployments/:id/withdraw')) return null;
  return (
    <ConfirmButton
      title={text.withdrawTitle(of.sequence.name)}
      text={<p>{text.withdrawText(of.collection.name, members)}</p>}
      act={async () => {
        await call('POST', `/deployments/${of.id}/withdraw`, {});
        announce(text.withdrawnNow);
        await refresh('/deployments');
      }}
    >
      {text.withdraw}
    </ConfirmButton>
  );
}

function Status({ now: { counts, alerts, devices } }: { readonly now: DeploymentStatusView }) {
  return (
    <Panel title={text.status}>
      <p className={classes['actions']}>
        {standings.map((standing) => (
          <Pill key={standing} tone={tones[standing]}>
            {`${text.standings[standing]} ${counts[standing]}`}
          </Pill>
        ))}
      </p>
      {alerts > 0 && <Notice tone="warn">{text.alerts(alerts)}</Notice>}
      {devices.length === 0 && <Quiet>{text.noDevices}</Quiet>}
      <Rows label={text.devices}>
        {devices.map((one) => (
          <Row key={one.device}>
            <Lines>
              <Link href={`/devices/${one.device}`}>{one.name}</Link>
            </Lines>
            <Lines>
              <span>
                <Pill tone={tones[one.standing]}>{text.standings[one.standing]}</Pill>
              </span>
              {one.reason !== '' && <Quiet>{one.reason}</Quiet>}
            </Lines>
          </Row>
        ))}
      </Rows>
    </Panel>
  );
}
