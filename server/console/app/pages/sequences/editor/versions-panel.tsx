import { useState } from 'react';
import type { SequenceDetail } from '../../../../../http/api-sequences.ts';
import { call } from '../../../api/call.ts';
import { useAnswer } from '../../../api/queries.ts';
import { ActButton } from '../../../parts/act-button.tsx';
import { Answer } from '../../../parts/answer.tsx';
import { dateTime } from '../../../parts/format.ts';
import { Pill } from '../../../parts/pill.tsx';
import { Lines, Name, Quiet, Row, RowActions, Rows } from '../../../parts/rows.tsx';
import { announce } from '../../../shell/notify.tsx';
import { editorText, sequencesText } from '../../../text/sequences.ts';
import type { VersionRow } from '../answers.ts';
import { readText, textOf } from '../model/text.ts';
import { DiffView } from './diff-view.tsx';
import classes from './editor.module.css';
import { useForm } from './form-context.ts';
import { chosen, type Editor } from './use-editor.ts';

const text = editorText.versions;

/** All versions: what is different, and the way back. */
export function VersionsPanel({ editor, id }: { readonly editor: Editor; readonly id: string }) {
  const { canEdit } = useForm();
  const path = `/sequences/${encodeURIComponent(id)}/versions`;
  const versions = useAnswer<VersionRow[]>(path);
  const [compared, setCompared] = useState<SequenceDetail | null>(null);
  const { sequence, base } = editor;
  const open = (version: number) => call<SequenceDetail>('GET', `${path}/${version}`);
  const goBack = async (version: number) => {
    const { text: older } = await open(version);
    const read = readText(older, sequence.nextId);
    if (!read.ok) throw new Error(read.message);
    editor.edit(read.sequence);
    editor.choose(chosen(read.sequence.steps[0]?.id ?? null));
    announce(text.isBack(version));
  };
  return (
    <Answer of={versions}>
      {(all) => (
        <>
          <Quiet>{text.backHelp}</Quiet>
          <Rows label={editorText.tabs.versions}>
            {all.map(({ version, state, createdMs }) => (
              <Row key={version}>
                <Lines>
                  <Name>{sequencesText.version(version)}</Name>
                  <Quiet>{dateTime(createdMs)}</Quiet>
                </Lines>
                <Lines>
                  <span>
                    <Pill tone={state === 'ready' ? 'good' : 'warn'}>
                      {sequencesText.states[state]}
                    </Pill>
                  </span>
                  {version === base.version && <Quiet>{text.current}</Quiet>}
                </Lines>
                <RowActions>
                  <ActButton
                    label={text.compare(version)}
                    act={async () => setCompared(await open(version))}
                  >
                    {text.compareWord}
                  </ActButton>
                  {canEdit && (
                    <ActButton label={text.back(version)} act={() => goBack(version)}>
                      {text.backWord}
                    </ActButton>
                  )}
                </RowActions>
              </Row>
            ))}
          </Rows>
          {compared !== null && (
            <>
              <h2 className={classes['heading']}>{text.difference(compared.version)}</h2>
              <DiffView
                label={text.difference(compared.version)}
                older={compared.text}
                newer={textOf(sequence)}
              />
            </>
          )}
        </>
      )}
    </Answer>
  );
}
