import { type AnchorHTMLAttributes, type ReactNode, useSyncExternalStore } from 'react';
import { type PagePath, pagePaths } from '../../page-paths.ts';

const MOVED = 'metalwright-moved';

/** A page and what its address names: `/runs/:id` with `{ id }`. */
export interface Place {
  readonly path: PagePath;
  readonly params: Readonly<Record<string, string>>;
}

/** The page that an address is of; null for none. */
export function placeOf(pathname: string): Place | null {
  const given = pathname.split('/').filter(Boolean);
  for (const path of pagePaths) {
    const wanted = path.split('/').filter(Boolean);
    if (wanted.length !== given.length) continue;
    const params: Record<string, string> = {};
    const fits = wanted.every((word, index) => {
      const part = given[index] ?? '';
      if (!word.startsWith(':')) return word === part;
      params[word.slice(1)] = decodeURIComponent(part);
      return true;
    });
    if (fits) return { path, params };
  }
  return null;
}

/** Goes to another page, or to another state of this one (`?of=...`), without loading it anew. */
export function navigate(to: string, options: { readonly replace?: boolean } = {}): void {
  if (options.replace === true) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  dispatchEvent(new Event(MOVED));
}

/** The path in the address bar. */
export function usePathname(): string {
  return useSyncExternalStore(subscribe, () => location.pathname);
}

/** One word of the address's query: filters are kept there, so that a link leads to what one sees. */
export function useQueryWord(name: string): readonly [string, (value: string) => void] {
  const search = useSyncExternalStore(subscribe, () => location.search);
  const set = (value: string) => {
    const query = new URLSearchParams(location.search);
    if (value === '') query.delete(name);
    else query.set(name, value);
    const text = query.toString();
    navigate(`${location.pathname}${text === '' ? '' : `?${text}`}`, { replace: true });
  };
  return [new URLSearchParams(search).get(name) ?? '', set];
}

/** A link to a page of the console. Opened in a new tab it is a link like others. */
export function Link({
  href,
  children,
  ...rest
}: AnchorHTMLAttributes<HTMLAnchorElement> & {
  readonly href: string;
  readonly children: ReactNode;
}) {
  return (
    <a
      {...rest}
      href={href}
      onClick={(event) => {
        rest.onClick?.(event);
        const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey;
        if (event.defaultPrevented || !isPlain) return;
        event.preventDefault();
        navigate(href);
      }}
    >
      {children}
    </a>
  );
}

function subscribe(listener: () => void): () => void {
  addEventListener('popstate', listener);
  addEventListener(MOVED, listener);
  return () => {
    removeEventListener('popstate', listener);
    removeEventListener(MOVED, listener);
  };
}
