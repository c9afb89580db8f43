import type { DeviceView } from '../../../../http/api.ts';
import type { DeviceInventoryView } from '../../../../http/api-devices.ts';
import { useFeed } from '../../api/feed.ts';
import { useAnswer } from '../../api/queries.ts';
import { Ago } from '../../parts/ago.tsx';
import { Answer } from '../../parts/answer.tsx';
import { Facts } from '../../parts/facts.tsx';
import { bytes, dateTime } from '../../parts/format.ts';
import { Loading } from '../../parts/loading.tsx';
import classes from '../../parts/page.module.css';
import { PageTitle } from '../../parts/page-title.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Pill } from '../../parts/pill.tsx';
import { Lines, Name, Quiet, Row, RowActions, RowState, Rows } from '../../parts/rows.tsx';
import type { PageProps } from '../../shell/pages.tsx';
import { Link } from '../../shell/router.tsx';
import { devicesText } from '../../text/devices.ts';
import { runsText } from '../../text/runs.ts';
import { RunProgress } from '../runs/run-progress.tsx';
import { standing } from '../runs/run-state.ts';
import { DeviceActions, DeviceNotes } from './device-actions.tsx';
import { firmwareOf, makeOf, stateTones } from './device-state.ts';

const text = devicesText.device;

/** One device: what is known of it, what ran on it, what can be done about it. */
export function DevicePage({ params: { id = '' } }: PageProps) {
  const feed = useFeed();
  if (feed === null) return <Loading />;
  const device = feed.devices.find((one) => one.id === id);
  if (device === undefined)
    return (
      <PageTitle title={devicesText.title} text={text.notThere}>
        <Link href="/devices">{text.back}</Link>
      </PageTitle>
    );
  return (
    <>
      <PageTitle title={device.name} text={makeOf(device)}>
        <Link href="/devices">{text.back}</Link>
      </PageTitle>
      <Panel>
        <Pill tone={stateTones[device.state]}>
          {devicesText.states[device.state].toLowerCase()}
        </Pill>
        <div className={classes['below']}>
          <DeviceActions device={device} />
        </div>
      </Panel>
      <Panel title={text.identity}>
        <Facts of={identityOf(device)} />
      </Panel>
      <Hardware id={id} />
      <DeviceRuns id={id} />
      <Panel title={text.notes}>
        <DeviceNotes key={device.notes} device={device} />
      </Panel>
    </>
  );
}

function identityOf(device: DeviceView) {
  const { fields } = text;
  const at = device.seenAt;
  return [
    [fields.serialNumber, device.serialNumber],
    [fields.assetTag, device.assetTag],
    [fields.smbiosGuid, device.smbiosGuid],
    [fields.macAddresses, device.macAddresses.join(' ')],
    [fields.firmware, firmwareOf(device)],
    [fields.port, [at?.switchId, at?.port].filter(Boolean).join(' ')],
    [fields.address, at?.address],
    [fields.interfaceName, at?.interfaceName],
    [
      fields.seen,
      device.lastSeenMs === null ? devicesText.never : <Ago atMs={device.lastSeenMs} />,
    ],
    [fields.decision, device.lastBootDecision],
    [fields.refusal, device.refusal],
    [fields.drivers, device.unclaimedDevices.join(', ')],
    [text.collections, device.collections.join(', ') || text.noCollections],
  ] as const;
}

function Hardware({ id }: { readonly id: string }) {
  const inventory = useAnswer<DeviceInventoryView>(`/devices/${id}/inventory`);
  const { fields } = text;
  return (
    <Panel title={text.hardware}>
      <Answer of={inventory}>
        {({ device: known }) => {
          const facts = [
            [fields.processor, known.processor],
            [fields.memory, known.memoryBytes === null ? null : bytes(known.memoryBytes)],
            [
              fields.disks,
              known.diskModels
                .map((model, index) => `${model} ${bytes(known.diskSizesBytes[index] ?? 0)}`)
                .join(', '),
            ],
            [fields.network, known.networkAdapters.join(', ')],
            [fields.bios, [known.biosVendor, known.biosVersion].filter(Boolean).join(' ')],
            [
              fields.secureBoot,
              known.secureBoot === null ? null : known.secureBoot ? text.on : text.off,
            ],
            [fields.tpm, known.tpmVersion],
          ] as const;
          return facts.every(([, value]) => value === null || value === '') ? (
            <Quiet>{text.unknown}</Quiet>
          ) : (
            <Facts of={facts} />
          );
        }}
      </Answer>
    </Panel>
  );
}

function DeviceRuns({ id }: { readonly id: string }) {
  const runs = (useFeed()?.runs ?? [])
    .filter(({ deviceId }) => deviceId === id)
    .toSorted((one, other) => other.startedMs - one.startedMs);
  if (runs.length === 0)
    return (
      <Panel title={text.runs}>
        <Quiet>{text.noRuns}</Quiet>
      </Panel>
    );
  return (
    <Panel title={text.runs} count={runs.length}>
      <Rows label={text.runs}>
        {runs.map((run) => {
          const { tone, word } = standing(run);
          return (
            <Row key={run.id}>
              <RowState tone={tone} word={word} />
              <Lines>
                <Name>{run.sequenceName}</Name>
                <Quiet>{runsText.detail.startedAt(dateTime(run.startedMs))}</Quiet>
              </Lines>
              <RunProgress run={run} />
              <RowActions>
                <Link href={`/runs/${run.id}`} aria-label={runsText.detailsOf(run.deviceName)}>
                  {runsText.details}
                </Link>
              </RowActions>
            </Row>
          );
        })}
      </Rows>
    </Panel>
  );
}
