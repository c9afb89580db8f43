import { Button } from '@mantine/core';
import { Link } from '../shell/router.tsx';

/** A link to another page of the console that looks like what it is for: to make something there. */
export function LinkButton({
  href,
  children,
}: {
  readonly href: string;
  readonly children: string;
}) {
  return (
    <Button component={Link} href={href}>
      {children}
    </Button>
  );
}
