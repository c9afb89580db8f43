import type { ErrorBody } from '#agent/protocol/error.ts';

/** A page for a browser that was led here and is refused: what, what to do, and the way back. No script. */
export function refusedPage({ code, message, hint }: ErrorBody): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>Not signed in · Metalwright</title>
    <link rel="icon" href="/console/icon.svg" type="image/svg+xml" />
    <link rel="stylesheet" href="/console/console.css" />
  </head>
  <body>
    <main>
      <section class="panel narrow">
        <h1>Not signed in</h1>
        <p role="alert">${escaped(message)}.</p>
        ${hint === undefined ? '' : `<p class="quiet">${escaped(hint)}</p>`}
        <p class="quiet"><code>${escaped(code)}</code></p>
        <p><a href="/">To the sign-in page</a></p>
      </section>
    </main>
  </body>
</html>
`;
}

function escaped(text: string): string {
  const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replaceAll(/[&<>"']/g, (each) => Reflect.get(entities, each) as string);
}
