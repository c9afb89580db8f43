import { Button, Divider, PasswordInput, Text, TextInput, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { call, describeError } from '../api/call.ts';
import { goToProvider, makeFirstAdministrator, setUpLater, signIn } from '../api/session.ts';
import { Command } from '../parts/command.tsx';
import { Panel } from '../parts/panel.tsx';
import { shellText } from '../text/shell.ts';
import classes from './sign-in.module.css';

const text = shellText.signIn;

/** The page for those who are not signed in, with the reason why they are not. */
export function SignInPage({ reason }: { readonly reason: string }) {
  const [refusal, setRefusal] = useState(reason);
  const ways = useQuery({
    queryKey: ['sign-in'],
    queryFn: () => call<{ oidc: { label: string } | null }>('GET', '/sign-in'),
    retry: false,
  });
  const label = ways.data?.oidc?.label;
  return (
    <Frame title={text.title} refusal={refusal}>
      {label !== undefined && (
        <>
          <Button
            fullWidth
            onClick={() => {
              setRefusal('');
              goToProvider().catch((error: unknown) => setRefusal(describeError(error)));
            }}
          >
            {label}
          </Button>
          <Divider my="md" label={text.or} />
        </>
      )}
      <Credentials
        submit={text.submit}
        variant={label === undefined ? 'filled' : 'default'}
        autoComplete="current-password"
        send={signIn}
        refused={setRefusal}
      />
      <Text c="dimmed" size="sm" mt="lg">
        {text.without}
      </Text>
      <Command>{text.command}</Command>
      <Text c="dimmed" size="sm">
        {text.where}
      </Text>
    </Frame>
  );
}

/** The page that makes the first account. */
export function FirstAdministratorPage() {
  const [refusal, setRefusal] = useState('');
  return (
    <Frame title={shellText.firstAdministrator.title} refusal={refusal}>
      <Text mb="md">{shellText.firstAdministrator.text}</Text>
      <Credentials
        submit={shellText.firstAdministrator.submit}
        variant="filled"
        autoComplete="new-password"
        hint={shellText.firstAdministrator.hint}
        send={makeFirstAdministrator}
        refused={setRefusal}
      />
      <Button variant="subtle" mt="xs" fullWidth onClick={setUpLater}>
        {shellText.firstAdministrator.later}
      </Button>
    </Frame>
  );
}

function Frame({
  title,
  refusal,
  children,
}: {
  readonly title: string;
  readonly refusal: string;
  readonly children: ReactNode;
}) {
  return (
    <main id="page" className={classes['frame']}>
      <p className={classes['brand']}>
        <img src="/console/icon.svg" alt="" width="32" height="32" />
        {shellText.product}
      </p>
      <Panel>
        <Title order={1} size="h2" mb="sm">
          {title}
        </Title>
        <p role="alert" className={classes['refusal']}>
          {refusal}
        </p>
        {children}
      </Panel>
    </main>
  );
}

interface CredentialsProps {
  readonly submit: string;
  readonly variant: 'filled' | 'default';
  readonly autoComplete: 'current-password' | 'new-password';
  readonly hint?: string;
  readonly send: (typed: { name: string; password: string }) => Promise<void>;
  readonly refused: (reason: string) => void;
}

/** Name and password. Refused, it says why; a password never stays in the page. */
function Credentials({ submit, variant, autoComplete, hint, send, refused }: CredentialsProps) {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [isSending, setSending] = useState(false);
  const onSubmit = async (event: FormEvent) => {
    event.preventDefault();
    setSending(true);
    refused('');
    try {
      await send({ name, password });
    } catch (error) {
      refused(describeError(error));
    } finally {
      setPassword('');
      setSending(false);
    }
  };
  const isNew = autoComplete === 'new-password';
  return (
    <form onSubmit={(event) => void onSubmit(event)} className={classes['form']}>
      <TextInput
        label={text.name}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        autoComplete="username"
        required
        withAsterisk={false}
        maxLength={isNew ? 64 : 200}
      />
      <PasswordInput
        label={text.password}
        description={hint}
        inputWrapperOrder={['label', 'input', 'description']}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        autoComplete={autoComplete}
        required
        withAsterisk={false}
        minLength={isNew ? 12 : undefined}
        maxLength={isNew ? 256 : 1024}
      />
      <Button type="submit" variant={variant} loading={isSending}>
        {submit}
      </Button>
    </form>
  );
}
