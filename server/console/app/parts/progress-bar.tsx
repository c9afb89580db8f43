import classes from './progress-bar.module.css';

/** How far something is, of 1; without a number it moves. */
export function ProgressBar({
  label,
  done,
}: {
  readonly label: string;
  readonly done: number | null;
}) {
  return (
    <progress
      className={classes['bar']}
      aria-label={label}
      max={1000}
      {...(done === null ? {} : { value: Math.round(done * 1000) })}
    />
  );
}
