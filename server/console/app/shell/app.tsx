import { MantineProvider } from '@mantine/core';
import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useEffect } from 'react';
import { ApiError } from '../api/call.ts';
import { endIfOver, startSession, useSessionState } from '../api/session.ts';
import { Loading } from '../parts/loading.tsx';
import { PageTitle } from '../parts/page-title.tsx';
import { shellText } from '../text/shell.ts';
import { theme } from '../theme.ts';
import { Notices } from './notify.tsx';
import { Shell } from './shell.tsx';
import { FirstAdministratorPage, SignInPage } from './sign-in.tsx';

const queries = new QueryClient({
  queryCache: new QueryCache({ onError: (error) => endIfOver(error) }),
  defaultOptions: {
    queries: {
      // What the server refuses it refuses again; one that is away comes back.
      retry: (times, error) => !(error instanceof ApiError) && times < 3,
      staleTime: 1000,
    },
  },
});

/** The console. Mantine makes no style in the page: its variables are in a file (`build.ts`). */
export function App() {
  useEffect(() => void startSession(), []);
  return (
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <QueryClientProvider client={queries}>
        <Inside />
        <Notices />
      </QueryClientProvider>
    </MantineProvider>
  );
}

function Inside() {
  const state = useSessionState();
  switch (state.kind) {
    case 'connecting':
      return (
        <main id="page" className="alone">
          <Loading />
        </main>
      );
    case 'away':
      return (
        <main id="page" className="alone">
          <PageTitle title={shellText.away.title} text={shellText.away.text} />
        </main>
      );
    case 'signed-out':
      return <SignInPage key={state.reason} reason={state.reason} />;
    case 'first-administrator':
      return <FirstAdministratorPage />;
    case 'signed-in':
      return <Shell />;
  }
}
