import { Button, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { z } from 'zod';
import type { CollectionView } from '../../../../http/api.ts';
import type { PreviewView, QueryFieldView, RuleWish } from '../../../../http/api-collections.ts';
import { call } from '../../api/call.ts';
import { useAnswer, useRefresh } from '../../api/queries.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { Answer } from '../../parts/answer.tsx';
import classes from '../../parts/page.module.css';
import { PageTitle } from '../../parts/page-title.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Mono, Quiet } from '../../parts/rows.tsx';
import { useSubmit } from '../../parts/use-act.ts';
import { announce } from '../../shell/notify.tsx';
import { Link, navigate } from '../../shell/router.tsx';
import { collectionsText } from '../../text/collections.ts';

const text = collectionsText.form;
const ALL_SYSTEMS = 'All Systems';

/** Makes a collection; who would be a member is shown before. */
export function NewCollectionPage() {
  const refresh = useRefresh();
  const collections = useAnswer<CollectionView[]>('/collections');
  const [name, setName] = useState('');
  const [limiting, setLimiting] = useState(ALL_SYSTEMS);
  const [query, setQuery] = useState('');
  const [devices, setDevices] = useState('');
  const [preview, setPreview] = useState<PreviewView | null>(null);

  const rules: RuleWish[] = [
    ...(query.trim() === '' ? [] : [{ kind: 'query' as const, query: query.trim() }]),
    ...devices
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean)
      .map((device) => ({ kind: 'direct' as const, device })),
  ];
  const [isSending, onSubmit] = useSubmit(async () => {
    const made = await call<CollectionView>('POST', '/collections', {
      name,
      limitingCollection: limiting,
      rules,
    });
    announce(text.made(made.name));
    navigate(`/collections/${made.id}`);
    await refresh('/collections');
  });
  return (
    <>
      <PageTitle title={text.title}>
        <Link href="/collections">{collectionsText.back}</Link>
      </PageTitle>
      <Panel>
        <form className={classes['form']} onSubmit={onSubmit}>
          <TextInput
            label={text.name}
            value={name}
            required
            withAsterisk={false}
            maxLength={128}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <NativeSelect
            label={text.limiting}
            description={text.limitingHint}
            value={limiting}
            data={(collections.data ?? [])
              .filter(({ kind }) => kind === 'device')
              .map((one) => one.name)}
            onChange={(event) => setLimiting(event.currentTarget.value)}
          />
          <Textarea
            label={text.query}
            description={text.queryHint}
            placeholder={text.queryExample}
            rows={3}
            spellCheck={false}
            value={query}
            onChange={(event) => {
              setQuery(event.currentTarget.value);
              setPreview(null);
            }}
          />
          <Fields />
          <Textarea
            label={text.devices}
            description={text.devicesHint}
            rows={3}
            spellCheck={false}
            value={devices}
            onChange={(event) => {
              setDevices(event.currentTarget.value);
              setPreview(null);
            }}
          />
          <ActButton
            size="sm"
            act={async () =>
              setPreview(
                await call<PreviewView>('POST', '/collections/preview', {
                  limitingCollection: limiting,
                  rules,
                }),
              )
            }
          >
            {text.preview}
          </ActButton>
          <div role="status">{preview !== null && <Preview of={preview} />}</div>
          <Button type="submit" loading={isSending}>
            {text.submit}
          </Button>
        </form>
      </Panel>
    </>
  );
}

function Preview({ of: { memberCount, members } }: { readonly of: PreviewView }) {
  const names = members.map(({ name }) => name).join(', ');
  const others = memberCount - members.length;
  return (
    <p>
      <strong>{text.wouldBe(memberCount)}</strong> {names} {others > 0 && text.andMore(others)}
    </p>
  );
}

function Fields() {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{text.fields}</summary>
      {isOpen && <FieldList />}
    </details>
  );
}

function FieldList() {
  const fields = useAnswer<z.infer<typeof QueryFieldView>[]>('/query/fields');
  return (
    <Answer of={fields}>
      {(all) => (
        <ul>
          {all.map((field) => (
            <li key={field.name}>
              <Mono>{field.name}</Mono> <Quiet>{field.doc}</Quiet>
            </li>
          ))}
        </ul>
      )}
    </Answer>
  );
}
