import { Button, NativeSelect, NumberInput, Radio, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { CollectionView, DeploymentCreate, DeploymentView } from '../../../../http/api.ts';
import type { DeploymentsChecked } from '../../../../http/api-deployment-check.ts';
import type { SequenceView } from '../../../../http/api-sequences.ts';
import { call } from '../../api/call.ts';
import { useAnswer, useRefresh } from '../../api/queries.ts';
import { Answer } from '../../parts/answer.tsx';
import classes from '../../parts/page.module.css';
import { PageTitle } from '../../parts/page-title.tsx';
import { Panel } from '../../parts/panel.tsx';
import { useSubmit } from '../../parts/use-act.ts';
import { announce } from '../../shell/notify.tsx';
import { Link, navigate, useQueryWord } from '../../shell/router.tsx';
import { deploymentsText } from '../../text/deployments.ts';
import { AffectedMachines } from './affected-machines.tsx';
import { Refusals } from './refusals.tsx';

const text = deploymentsText.form;
const ALL_UNKNOWN = 'SMS000US';
const HOUR_MS = 3_600_000;
type Purpose = 'available' | 'required';
type Accepted = NonNullable<DeploymentCreate['accepts']>;

/** Deploys a task sequence: which machines exactly, and what is to be accepted, is shown before. */
export function NewDeploymentPage() {
  const sequences = useAnswer<SequenceView[]>('/sequences');
  const collections = useAnswer<CollectionView[]>('/collections');
  return (
    <>
      <PageTitle title={text.title}>
        <Link href="/deployments">{deploymentsText.back}</Link>
      </PageTitle>
      <Answer of={sequences}>
        {(all) => (
          <Answer of={collections}>
            {(targets) => (
              <Panel>
                <DeploymentForm
                  sequences={all}
                  collections={targets.filter(({ kind }) => kind === 'device')}
                />
              </Panel>
            )}
          </Answer>
        )}
      </Answer>
    </>
  );
}

function DeploymentForm({
  sequences,
  collections,
}: {
  readonly sequences: readonly SequenceView[];
  readonly collections: readonly CollectionView[];
}) {
  const refresh = useRefresh();
  const [sequence, setSequence] = useQueryWord('sequence');
  const [collection, setCollection] = useQueryWord('to');
  const [purpose, setPurpose] = useState<Purpose>('available');
  const [accepts, setAccepts] = useState<Accepted>([]);
  const [unhide, setUnhide] = useState(false);
  const [unknown, setUnknown] = useState({ subnets: '', hours: 8, perHour: 10 });
  const target = collections.find(({ name }) => name === collection);
  const isUnknown = target?.id === ALL_UNKNOWN && purpose === 'required';
  const wish = (nowMs: number): DeploymentCreate => ({
    sequence,
    collection,
    purpose,
    accepts,
    unhide,
    ...(isUnknown
      ? {
          confirmUnknown: {
            subnets: unknown.subnets.split(/[\s,]+/).filter(Boolean),
            endsMs: nowMs + unknown.hours * HOUR_MS,
            perHour: unknown.perHour,
          },
        }
      : {}),
  });
  const check = useQuery({
    queryKey: ['/deployments/check', sequence, collection, purpose, accepts, unhide, unknown],
    enabled: sequence !== '' && target !== undefined,
    // What is being accepted stays where it is while it is asked for anew.
    placeholderData: (before) => before,
    queryFn: () =>
      call<DeploymentsChecked>('POST', '/deployments/check', { deployments: [wish(Date.now())] }),
  });
  const refusals = check.data?.[0]?.refusals ?? [];
  const [isSending, onSubmit] = useSubmit(async () => {
    const made = await call<DeploymentView>('POST', '/deployments', wish(Date.now()));
    announce(text.made(made.sequence.name, made.collection.name));
    navigate(`/deployments/${made.id}`);
    await refresh('/deployments');
  });
  const isReady =
    check.isSuccess && !check.isPlaceholderData && refusals.length === 0 && target !== undefined;
  return (
    <form className={classes['form']} onSubmit={onSubmit}>
      <NativeSelect
        label={text.sequence}
        value={sequence}
        data={[
          { value: '', label: text.choose },
          ...sequences.map(({ name, readyVersion, disabled }) => ({
            value: name,
            label: readyVersion === null || disabled ? `${name} (${text.notReady})` : name,
            disabled: readyVersion === null || disabled,
          })),
        ]}
        onChange={(event) => setSequence(event.currentTarget.value)}
      />
      <NativeSelect
        label={text.collection}
        value={collection}
        data={[
          { value: '', label: text.choose },
          ...collections.map(({ name, memberCount }) => ({
            value: name,
            label: `${name} (${memberCount})`,
          })),
        ]}
        onChange={(event) => {
          setCollection(event.currentTarget.value);
          setAccepts([]);
          setUnhide(false);
        }}
      />
      <Radio.Group
        label={text.purpose}
        value={purpose}
        onChange={(value) => setPurpose(value === 'required' ? 'required' : 'available')}
      >
        <Radio mt="xs" value="available" label={text.available} />
        <Radio mt="xs" value="required" label={text.required} />
      </Radio.Group>
      {isUnknown && (
        <fieldset>
          <legend>{text.unknown}</legend>
          <p>{text.unknownText}</p>
          <TextInput
            label={text.subnets}
            placeholder="10.0.5.0/24"
            value={unknown.subnets}
            onChange={(event) => setUnknown({ ...unknown, subnets: event.currentTarget.value })}
          />
          <NumberInput
            label={text.hours}
            min={1}
            value={unknown.hours}
            onChange={(value) => setUnknown({ ...unknown, hours: Number(value) })}
          />
          <NumberInput
            label={text.perHour}
            min={1}
            value={unknown.perHour}
            onChange={(value) => setUnknown({ ...unknown, perHour: Number(value) })}
          />
        </fieldset>
      )}
      {target !== undefined && <AffectedMachines of={target} purpose={purpose} />}
      {target !== undefined && sequence !== '' && (
        <Answer of={check}>
          {() => (
            <Refusals
              refusals={refusals}
              accepted={{ accepts, unhide }}
              accept={(next) => {
                setAccepts([...next.accepts]);
                setUnhide(next.unhide);
              }}
            />
          )}
        </Answer>
      )}
      <Button type="submit" disabled={!isReady} loading={isSending}>
        {text.submit(purpose, target?.memberCount ?? 0)}
      </Button>
    </form>
  );
}
