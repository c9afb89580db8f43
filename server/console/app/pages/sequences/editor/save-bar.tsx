import { Button } from '@mantine/core';
import { useState } from 'react';
import type { SequenceDetail, SequenceView } from '../../../../../http/api-sequences.ts';
import { ApiError, call } from '../../../api/call.ts';
import { useRefresh } from '../../../api/queries.ts';
import { ActButton } from '../../../parts/act-button.tsx';
import { Notice } from '../../../parts/notice.tsx';
import { Pill } from '../../../parts/pill.tsx';
import { announce } from '../../../shell/notify.tsx';
import { navigate } from '../../../shell/router.tsx';
import { editorText } from '../../../text/sequences.ts';
import { brokenReferences } from '../model/problems.ts';
import { textOf } from '../model/text.ts';
import { DiffView } from './diff-view.tsx';
import classes from './editor.module.css';
import type { CheckState } from './use-check.ts';
import type { Editor } from './use-editor.ts';

const text = editorText.save;

interface SaveBarProps {
  readonly editor: Editor;
  readonly check: CheckState;
  /** Begins anew with what the server has. */
  readonly onReload: () => void;
  readonly onProblems: () => void;
}

/** Saving, as ready or as a draft, and closing, which broken references keep one from (M15). */
export function SaveBar({ editor, check, onReload, onProblems }: SaveBarProps) {
  const refresh = useRefresh();
  const [theirs, setTheirs] = useState<SequenceDetail | null>(null);
  const [isHeld, setHeld] = useState(false);
  const { sequence, base, isChanged } = editor;
  const name = typeof sequence.fields['name'] === 'string' ? sequence.fields['name'] : '';
  const broken = brokenReferences(check.problems ?? []);

  const save = async (draft: boolean, over?: number) => {
    const isOther = base.id !== null && name !== base.name;
    const baseVersion = isOther ? 0 : (over ?? base.version);
    const format = isJson(sequence.written) ? 'json' : 'yaml';
    try {
      const saved = await call<SequenceView>('POST', '/sequences', {
        text: textOf(sequence),
        format,
        draft,
        baseVersion,
      });
      editor.noteSaved({ id: saved.id, name: saved.name, version: saved.version, format });
      setTheirs(null);
      announce(text.saved(saved.name, saved.version));
      await refresh('/sequences');
      if (saved.id !== base.id) {
        editor.forget();
        navigate(`/sequences/${encodeURIComponent(saved.id)}`, { replace: true });
      }
    } catch (error) {
      if (error instanceof ApiError && error.code === 'sequence.version-conflict')
        setTheirs(await call('GET', `/sequences/${encodeURIComponent(base.id ?? name)}`));
      else {
        if (error instanceof ApiError && error.problems !== undefined) onProblems();
        throw error;
      }
    }
  };
  const beginAnew = () => {
    editor.forget();
    onReload();
  };
  const close = () => {
    if (isChanged && broken.length > 0) {
      setHeld(true);
      onProblems();
    } else navigate('/sequences');
  };
  return (
    <>
      <div className={classes['bar']}>
        <span role="status">
          <Pill tone={isChanged ? 'warn' : 'good'}>{isChanged ? text.unsaved : text.same}</Pill>
        </span>
        <ActButton act={() => save(false)} variant="filled" disabled={!isChanged}>
          {text.ready}
        </ActButton>
        <ActButton act={() => save(true)} disabled={!isChanged}>
          {text.draft}
        </ActButton>
        {isChanged && base.id !== null && (
          <Button size="xs" variant="subtle" onClick={beginAnew}>
            {text.drop}
          </Button>
        )}
        <Button size="xs" variant="default" onClick={close}>
          {text.close}
        </Button>
      </div>
      {editor.isRestored && isChanged && (
        <div className={classes['whole']}>
          <Notice tone="busy">{text.restored}</Notice>
        </div>
      )}
      {isHeld && broken.length > 0 && isChanged && (
        <div className={classes['whole']}>
          <Notice tone="bad">
            <p role="alert">
              {text.broken(broken.length)} {text.draftHelp}
            </p>
          </Notice>
        </div>
      )}
      {theirs !== null && (
        <div className={classes['whole']}>
          <Notice tone="bad">
            <div role="alert">
              <strong>{editorText.conflict.title}</strong>
              <p>{editorText.conflict.text(base.version, theirs.version)}</p>
            </div>
            <DiffView
              label={editorText.conflict.compare}
              older={theirs.text}
              newer={textOf(sequence)}
            />
            <div className={classes['actions']}>
              <Button size="xs" variant="default" onClick={beginAnew}>
                {editorText.conflict.theirs}
              </Button>
              <ActButton act={() => save(false, theirs.version)}>
                {editorText.conflict.over}
              </ActButton>
            </div>
          </Notice>
        </div>
      )}
    </>
  );
}

function isJson(written: string): boolean {
  return /^\s*\{/.test(written);
}
