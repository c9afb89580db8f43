import { Button, TextInput } from '@mantine/core';
import { useId, useState } from 'react';
import type { SimulatedNode, SimulationReport } from '#agent/simulated-machine/report.ts';
import { call } from '../../../api/call.ts';
import { useFeed } from '../../../api/feed.ts';
import { ActButton } from '../../../parts/act-button.tsx';
import { Notice } from '../../../parts/notice.tsx';
import { Quiet, Wrong } from '../../../parts/rows.tsx';
import { editorText } from '../../../text/sequences.ts';
import { type EditSequence, formatSequence } from '../model/tree.ts';
import classes from './editor.module.css';
import { chosen, type Editor } from './use-editor.ts';

const text = editorText.simulate;

/** What a run would do, and at which of its steps one looks. */
export interface Simulation {
  readonly report: SimulationReport;
  readonly of: EditSequence;
  readonly at: number;
}

/** Simulates what is here on a device; the tree shows what becomes of each step. */
export function SimulatePanel({
  editor,
  simulation,
  onChange,
}: {
  readonly editor: Editor;
  readonly simulation: Simulation | null;
  readonly onChange: (simulation: Simulation | null) => void;
}) {
  const devices = useFeed()?.devices ?? [];
  const [device, setDevice] = useState('');
  const list = useId();
  const { sequence, places } = editor;
  const goTo = (now: Simulation, at: number) => {
    onChange({ ...now, at });
    const id = now.report.nodes[at]?.id;
    const place = places.find(({ runId }) => runId === id);
    if (place !== undefined) editor.choose(chosen(place.node.id));
  };
  const simulate = async () => {
    const body = { device: device.trim(), text: JSON.stringify(formatSequence(sequence)) };
    const report = await call<SimulationReport>('POST', '/simulate', body);
    goTo({ report, of: sequence, at: 0 }, 0);
  };
  return (
    <div>
      <TextInput
        label={text.device}
        description={text.deviceHelp}
        list={list}
        value={device}
        autoComplete="off"
        placeholder={devices.length === 0 ? text.noDevice : undefined}
        onChange={(event) => setDevice(event.currentTarget.value)}
      />
      <datalist id={list}>
        {devices.map(({ id, name }) => (
          <option key={id} value={name}>
            {name}
          </option>
        ))}
      </datalist>
      <div className={classes['actions']}>
        <ActButton act={simulate} disabled={device.trim() === ''}>
          {text.start}
        </ActButton>
        {simulation !== null && (
          <Button size="xs" variant="default" onClick={() => onChange(null)}>
            {text.clear}
          </Button>
        )}
      </div>
      {simulation !== null && (
        <Result
          simulation={simulation}
          isStale={simulation.of !== sequence}
          goTo={(at) => goTo(simulation, at)}
        />
      )}
    </div>
  );
}

function Result({
  simulation: { report, at },
  isStale,
  goTo,
}: {
  readonly simulation: Simulation;
  readonly isStale: boolean;
  readonly goTo: (at: number) => void;
}) {
  const { counts, result, nodes, notes, findings } = report;
  const node = nodes[at];
  const button = { size: 'compact-sm', variant: 'default' } as const;
  return (
    <div role="region" aria-label={text.steps}>
      {isStale && <Notice tone="warn">{text.stale}</Notice>}
      <p role="status">
        <strong>{result.succeeded ? text.succeeded : text.failed(result.code)}</strong>{' '}
        {text.counts(
          counts.runs,
          counts.skipped + counts.inSkippedGroups,
          counts.fails,
          counts.restarts,
        )}
      </p>
      {result.error !== null && <Wrong>{result.error.message}</Wrong>}
      {findings.map(({ stepId, name, error }) => (
        <p key={`${stepId} ${error.message}`}>
          {text.findings}: {name}: {error.message}
        </p>
      ))}
      {nodes.length > 0 && (
        <div className={classes['actions']}>
          <Button {...button} disabled={at === 0} onClick={() => goTo(0)}>
            {text.first}
          </Button>
          <Button {...button} disabled={at === 0} onClick={() => goTo(at - 1)}>
            {text.previous}
          </Button>
          <Button {...button} disabled={at + 1 >= nodes.length} onClick={() => goTo(at + 1)}>
            {text.next}
          </Button>
          <Quiet>{text.position(at + 1, nodes.length)}</Quiet>
        </div>
      )}
      {node !== undefined && <AtNode node={node} />}
      {notes.length > 0 && (
        <>
          <h2 className={classes['heading']}>{text.notes}</h2>
          <ul className={classes['uses']}>
            {notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

function AtNode({ node }: { readonly node: SimulatedNode }) {
  const { outcome, reason, condition, environment, setting, variables, error, restart } = node;
  return (
    <div aria-live="polite">
      <h2 className={classes['heading']}>{node.name}</h2>
      <p>
        {text.outcomes[outcome]}
        {environment === null ? '' : `, ${text.inEnvironment(environment)}`}
        {reason === '' ? '' : `: ${reason}`}
      </p>
      {condition !== null && <p>{text.condition(condition.verdict, condition.detail)}</p>}
      {setting !== '' && (
        <p>
          <code>{setting}</code>
        </p>
      )}
      {error !== null && <Wrong>{error.message}</Wrong>}
      {variables.length > 0 && (
        <ul className={classes['uses']}>
          {variables.map(({ name, value, secret }) => (
            <li key={name}>
              {text.sets} <code>{name}</code>: {secret ? text.secret : value || text.deleted}
            </li>
          ))}
        </ul>
      )}
      {restart?.environment != null && <p>{text.restartsInto(restart.environment)}</p>}
    </div>
  );
}
