import { Tabs } from '@mantine/core';
import { type KeyboardEvent, useCallback, useMemo, useState } from 'react';
import { useMay } from '../../../api/session.ts';
import { Notice } from '../../../parts/notice.tsx';
import { PageTitle } from '../../../parts/page-title.tsx';
import { Quiet } from '../../../parts/rows.tsx';
import { announce } from '../../../shell/notify.tsx';
import { Link } from '../../../shell/router.tsx';
import { editorText as text } from '../../../text/sequences.ts';
import { type Schema, schemaReader } from '../model/form.ts';
import { removeNodes, topmost } from '../model/moves.ts';
import { problemsByNode } from '../model/problems.ts';
import { findNodes, type TreeRow } from '../model/rows.ts';
import { type EditSequence, typeOf } from '../model/tree.ts';
import classes from './editor.module.css';
import { FormContext, type FormScope } from './form-context.ts';
import { NodeForm } from './node-form.tsx';
import { ProblemsPanel } from './problems-panel.tsx';
import { SaveBar } from './save-bar.tsx';
import { SequenceForm } from './sequence-form.tsx';
import { SimulatePanel, type Simulation } from './simulate-panel.tsx';
import { FindField, Toolbar } from './toolbar.tsx';
import { TreeView } from './tree-view.tsx';
import { useCheck } from './use-check.ts';
import { chosen, type Opened, useEditor } from './use-editor.ts';
import { VariablesPanel } from './variables-panel.tsx';
import { VersionsPanel } from './versions-panel.tsx';
import { YamlPanel } from './yaml-panel.tsx';

const noProblems: FormScope['problems'] = [];
const noneFound: ReadonlySet<number> = new Set();

interface EditorProps {
  readonly opened: Opened;
  readonly read: () => EditSequence;
  readonly schema: Schema;
  readonly names: FormScope['names'];
  readonly onReload: () => void;
}

/** The editor: the tree, and beside it what is edited. */
export function SequenceEditor({ opened, read, schema, names, onReload }: EditorProps) {
  const may = useMay();
  const canEdit = may('POST /sequences');
  const reader = useMemo(() => schemaReader(schema), [schema]);
  const editor = useEditor(opened, read);
  const { sequence, focused, choice, edit, choose } = editor;
  const check = useCheck(sequence);
  const [tab, setTab] = useState<string>('node');
  const [wanted, setWanted] = useState('');
  const [simulation, setSimulation] = useState<Simulation | null>(null);

  const byNode = useMemo(() => problemsByNode(check.problems ?? []), [check.problems]);
  const titles = useMemo(
    () => new Map(reader.kinds().map(({ type, title }) => [type, title])),
    [reader],
  );
  const outcomes = useMemo(
    () => new Map(simulation?.report.nodes.map((node) => [String(node.id), node.outcome])),
    [simulation?.report],
  );
  const found = useMemo(() => findNodes(sequence, wanted), [sequence, wanted]);
  const foundIds = useMemo(() => (found.length === 0 ? noneFound : new Set(found)), [found]);
  const signs = (row: TreeRow) => {
    const own = byNode.get(row.path) ?? noProblems;
    return {
      kind: titles.get(typeOf(row.node)) ?? typeOf(row.node),
      problems: own.filter(({ isWarning }) => !isWarning).length,
      warnings: own.filter(({ isWarning }) => isWarning).length,
      outcome: outcomes.get(row.runId),
    };
  };
  const scope = useMemo(
    (): FormScope => ({
      reader,
      canEdit,
      problems: byNode.get(tab === 'sequence' ? '' : (focused?.path ?? '-')) ?? noProblems,
      names,
    }),
    [reader, canEdit, byNode, tab, focused?.path, names],
  );
  const onRemove = useCallback(() => {
    const gone = topmost(sequence, choice.ids);
    if (gone.length === 0) return;
    const next = removeNodes(sequence, choice.ids);
    const first = editor.places.findIndex(({ node }) => choice.ids.has(node.id));
    const left = editor.places.filter(({ node, around }) =>
      [...around, node].every(({ id }) => !choice.ids.has(id)),
    );
    edit(next);
    choose(chosen(left[Math.min(first, left.length - 1)]?.node.id ?? null));
    announce(text.removed(gone.length));
  }, [sequence, choice.ids, editor.places, edit, choose]);
  const onKeyDown = (event: KeyboardEvent) => {
    const isText =
      event.target instanceof HTMLTextAreaElement || event.target instanceof HTMLInputElement;
    if (!(event.ctrlKey || event.metaKey) || !canEdit || isText) return;
    const key = event.key.toLowerCase();
    if (key === 'z' && !event.shiftKey) editor.undo();
    else if (key === 'y' || (key === 'z' && event.shiftKey)) editor.redo();
    else return;
    event.preventDefault();
  };
  const at = simulation?.report.nodes[simulation.at]?.id;
  const name = sequence.fields['name'];
  const problems = (check.problems ?? []).length;
  return (
    <FormContext value={scope}>
      <PageTitle title={typeof name === 'string' && name !== '' ? name : text.tabs.sequence}>
        {canEdit ? (
          <SaveBar
            editor={editor}
            check={check}
            onReload={onReload}
            onProblems={() => setTab('problems')}
          />
        ) : (
          <Link href="/sequences">{text.back}</Link>
        )}
      </PageTitle>
      {!canEdit && <Notice tone="busy">{text.readOnly}</Notice>}
      {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- keys of whatever in it has the focus */}
      <div className={classes['columns']} onKeyDown={onKeyDown}>
        <section className={classes['column']} aria-label={text.tree}>
          {canEdit && <Toolbar editor={editor} onRemove={onRemove} />}
          <FindField found={found} wanted={wanted} onWanted={setWanted} editor={editor} />
          <TreeView
            editor={editor}
            canEdit={canEdit}
            signs={signs}
            found={foundIds}
            at={editor.places.find(({ runId }) => runId === at)?.node.id ?? null}
            onRemove={onRemove}
          />
          {choice.ids.size > 1 && <Quiet>{text.chosen(choice.ids.size)}</Quiet>}
        </section>
        <section className={`${classes['column']} ${classes['side']}`} aria-label={text.panels}>
          <Tabs value={tab} onChange={(next) => setTab(next ?? 'node')} keepMounted={false}>
            <Tabs.List aria-label={text.panels}>
              <Tabs.Tab value="node">
                {focused?.node.steps == null ? text.step : text.group}
              </Tabs.Tab>
              <Tabs.Tab value="sequence">{text.tabs.sequence}</Tabs.Tab>
              <Tabs.Tab value="problems">
                {problems === 0 ? text.tabs.problems : `${text.tabs.problems} (${problems})`}
              </Tabs.Tab>
              <Tabs.Tab value="variables">{text.tabs.variables}</Tabs.Tab>
              <Tabs.Tab value="yaml">{text.tabs.yaml}</Tabs.Tab>
              {opened.id !== null && <Tabs.Tab value="versions">{text.tabs.versions}</Tabs.Tab>}
              {may('POST /simulate') && <Tabs.Tab value="simulate">{text.tabs.simulate}</Tabs.Tab>}
            </Tabs.List>
            <Tabs.Panel value="node" className={classes['panel'] ?? ''}>
              <NodeForm editor={editor} />
            </Tabs.Panel>
            <Tabs.Panel value="sequence" className={classes['panel'] ?? ''}>
              <SequenceForm editor={editor} />
            </Tabs.Panel>
            <Tabs.Panel value="problems" className={classes['panel'] ?? ''}>
              <ProblemsPanel
                editor={editor}
                check={check}
                onShow={(ofSequence) => setTab(ofSequence ? 'sequence' : 'node')}
              />
            </Tabs.Panel>
            <Tabs.Panel value="variables" className={classes['panel'] ?? ''}>
              <VariablesPanel editor={editor} onShow={() => setTab('node')} />
            </Tabs.Panel>
            <Tabs.Panel value="yaml" className={classes['panel'] ?? ''}>
              <YamlPanel editor={editor} />
            </Tabs.Panel>
            {opened.id !== null && (
              <Tabs.Panel value="versions" className={classes['panel'] ?? ''}>
                <VersionsPanel editor={editor} id={opened.id} />
              </Tabs.Panel>
            )}
            {may('POST /simulate') && (
              <Tabs.Panel value="simulate" className={classes['panel'] ?? ''}>
                <SimulatePanel editor={editor} simulation={simulation} onChange={setSimulation} />
              </Tabs.Panel>
            )}
          </Tabs>
        </section>
      </div>
    </FormContext>
  );
}
