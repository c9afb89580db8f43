import { Button, NativeSelect, NumberInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ApprovalView } from '../../../../http/api-bench.ts';
import { call } from '../../api/call.ts';
import { useRefresh } from '../../api/queries.ts';
import { useSubmit } from '../../parts/use-act.ts';
import { announce } from '../../shell/notify.tsx';
import { benchText } from '../../text/bench.ts';
import classes from './waiting.module.css';

const text = benchText.approvals;
/** Fields of the scope; what is left empty does not count. */
const fields = [
  { name: 'subnets', example: '10.0.5.0/24', isList: true },
  { name: 'ports', example: 'eth1/1-24', isList: true },
  { name: 'switchId', example: 'sw-3', isList: false },
  { name: 'model', example: 'Latitude 55*', isList: false },
] as const;
const empty = { subnets: '', ports: '', switchId: '', model: '' };
const hourChoices = [1, 2, 4, 8, 24].map((hours) => ({
  value: String(hours * 60),
  label: text.hoursOf(hours),
}));

/** Lets machines in before they come, for some hours. */
export function ApprovalForm() {
  const refresh = useRefresh();
  const [typed, setTyped] = useState<Readonly<Record<keyof typeof empty, string>>>(empty);
  const [minutes, setMinutes] = useState('120');
  const [most, setMost] = useState<number | string>(40);

  const [isSending, onSubmit] = useSubmit(async () => {
    const scope = Object.fromEntries(
      fields
        .map(({ name, isList }) => [name, wordsOf(typed[name], isList)] as const)
        .filter(([, value]) => value.length > 0),
    );
    const wish = { scope, forMinutes: Number(minutes), most: Number(most) };
    const { approval, approved } = await call<{
      approval: ApprovalView;
      approved: readonly unknown[];
    }>('POST', '/approvals', wish);
    announce(text.made(approval.scopeText, approved.length));
    setTyped(empty);
    await refresh('/approvals');
  });
  return (
    <form className={classes['form']} onSubmit={onSubmit}>
      {fields.map(({ name, example }) => (
        <TextInput
          key={name}
          label={text[name]}
          placeholder={example}
          autoComplete="off"
          value={typed[name]}
          onChange={(event) => setTyped({ ...typed, [name]: event.currentTarget.value })}
        />
      ))}
      <NativeSelect
        label={text.hours}
        data={hourChoices}
        value={minutes}
        onChange={(event) => setMinutes(event.currentTarget.value)}
      />
      <NumberInput
        label={text.most}
        min={1}
        max={5000}
        required
        withAsterisk={false}
        value={most}
        onChange={setMost}
      />
      <Button type="submit" loading={isSending}>
        {text.submit}
      </Button>
    </form>
  );
}

function wordsOf(typed: string, isList: boolean): string | string[] {
  return isList ? typed.split(/[\s,]+/).filter(Boolean) : typed.trim();
}
