import { ActionIcon, Burger, Button, Menu, useMantineColorScheme } from '@mantine/core';
import { Suspense, useEffect, useRef, useState } from 'react';
import { pagePaths } from '../../page-paths.ts';
import { useFeedStatus } from '../api/feed.ts';
import { useStatus } from '../api/queries.ts';
import { signOut, useSession } from '../api/session.ts';
import { Loading } from '../parts/loading.tsx';
import { PageTitle } from '../parts/page-title.tsx';
import { Pill } from '../parts/pill.tsx';
import { shellText } from '../text/shell.ts';
import { ErrorBoundary } from './error-boundary.tsx';
import { fail } from './notify.tsx';
import { pages } from './pages.tsx';
import { Link, placeOf, usePathname } from './router.tsx';
import { RunAnnouncer } from './run-announcer.tsx';
import classes from './shell.module.css';

const groups = ['work', 'content'] as const;
const liveTones = { connecting: 'calm', live: 'good', lost: 'bad' } as const;
const schemes = ['auto', 'light', 'dark'] as const;

/** What surrounds a page: skip link, header, the list of pages. */
export function Shell() {
  const pathname = usePathname();
  const [isOpen, setOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  const place = placeOf(pathname);
  const title = place === null ? shellText.notFound.title : shellText.pages[place.path];
  const shown = useRef(pathname);
  useEffect(() => {
    document.title = `${title} · ${shellText.product}`;
    // After a link the reader goes on at the page; when the console is opened, at its beginning.
    if (shown.current === pathname) return;
    shown.current = pathname;
    setOpen(false);
    main.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [pathname, title]);
  return (
    <div className={classes['shell']}>
      <a className={classes['skip']} href="#page">
        {shellText.skip}
      </a>
      <RunAnnouncer />
      <Header isOpen={isOpen} toggle={() => setOpen(!isOpen)} />
      <nav
        id="pages"
        className={classes['nav']}
        aria-label={shellText.navigation}
        data-open={isOpen}
      >
        <PageList current={pathname} />
      </nav>
      <main id="page" ref={main} tabIndex={-1} className={classes['main']}>
        <ErrorBoundary key={pathname}>
          <Suspense fallback={<Loading />}>
            <CurrentPage pathname={pathname} />
          </Suspense>
        </ErrorBoundary>
      </main>
    </div>
  );
}

function Header({ isOpen, toggle }: { readonly isOpen: boolean; readonly toggle: () => void }) {
  const live = useFeedStatus();
  const session = useSession();
  const { data: status } = useStatus();
  return (
    <header className={classes['header']}>
      <Burger
        className={classes['burger']}
        size="sm"
        opened={isOpen}
        onClick={toggle}
        aria-label={shellText.menu}
        aria-expanded={isOpen}
        aria-controls="pages"
      />
      <Link href="/" className={classes['brand']} aria-label={shellText.product}>
        <img src="/console/icon.svg" alt="" width="28" height="28" />
        <span>{shellText.product}</span>
      </Link>
      <span className={classes['version']}>{status?.version}</span>
      <span role="status" className={classes['live']}>
        <Pill tone={liveTones[live]}>{shellText.live[live]}</Pill>
      </span>
      <span className={classes['who']}>{shellText.signedInAs(session.name, session.role)}</span>
      <SchemeMenu />
      <Button variant="default" size="xs" onClick={() => void signOut().catch(fail)}>
        {shellText.signOut}
      </Button>
    </header>
  );
}

function SchemeMenu() {
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  return (
    <Menu position="bottom-end" width={200}>
      <Menu.Target>
        <ActionIcon variant="default" size="md" aria-label={shellText.scheme.label}>
          <svg viewBox="0 0 20 20" width="16" height="16" aria-hidden="true">
            <circle cx="10" cy="10" r="7" fill="none" stroke="currentColor" strokeWidth="2" />
            <path d="M10 3a7 7 0 0 1 0 14z" fill="currentColor" />
          </svg>
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {schemes.map((scheme) => (
          <Menu.Item
            key={scheme}
            onClick={() => setColorScheme(scheme)}
            rightSection={colorScheme === scheme ? '✓' : undefined}
          >
            {shellText.scheme[scheme]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function PageList({ current }: { readonly current: string }) {
  const area = `/${current.split('/')[1] ?? ''}`;
  return groups.map((group) => (
    <ul key={group} className={classes['list']}>
      {pagePaths
        .filter((path) => pages[path].group === group)
        .map((path) => (
          <li key={path}>
            <Link
              href={path}
              className={classes['entry'] ?? ''}
              aria-current={path === current ? 'page' : path === area ? 'true' : undefined}
            >
              {shellText.pages[path]}
            </Link>
          </li>
        ))}
    </ul>
  ));
}

function CurrentPage({ pathname }: { readonly pathname: string }) {
  const place = placeOf(pathname);
  if (place === null)
    return (
      <PageTitle title={shellText.notFound.title} text={shellText.notFound.text}>
        <Link href="/">{shellText.notFound.back}</Link>
      </PageTitle>
    );
  const { component: Page } = pages[place.path];
  return <Page params={place.params} />;
}
