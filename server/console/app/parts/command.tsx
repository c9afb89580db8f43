import classes from './command.module.css';

/** A command to be typed: it can be marked as a whole by a click. */
export function Command({ children }: { readonly children: string }) {
  return (
    <pre className={classes['command']}>
      <code>{children}</code>
    </pre>
  );
}
