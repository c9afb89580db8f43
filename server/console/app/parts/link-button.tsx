import { Button } from '@mantine/core';
import { navigate } from '../shell/router.tsx';

/** A link to another page of the console that looks like what it is for: to make something there. */
export function LinkButton({
  href,
  children,
}: {
  readonly href: string;
  readonly children: string;
}) {
  return (
    <Button
      component="a"
      href={href}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        navigate(href);
      }}
    >
      {children}
    </Button>
  );
}
