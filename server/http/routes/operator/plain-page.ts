/** What a page without script tells. */
interface PlainPage {
  readonly title: string;
  readonly message: string;
  /** To be typed. */
  readonly command?: string;
  readonly hint?: string | undefined;
  /** Of the error, to be looked for. */
  readonly code?: string;
  readonly link?: { readonly href: string; readonly text: string };
}

/** A page that the server writes itself, for a browser that cannot be given the console. No script. */
export function plainPage({ title, message, command, hint, code, link }: PlainPage): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${escaped(title)} · Metalwright</title>
    <link rel="icon" href="/console/icon.svg" type="image/svg+xml" />
    <link rel="stylesheet" href="/console/page.css" />
  </head>
  <body>
    <main>
      <h1>${escaped(title)}</h1>
      <p role="alert">${escaped(message)}</p>
      ${command === undefined ? '' : `<pre><code>${escaped(command)}</code></pre>`}
      ${hint === undefined ? '' : `<p class="quiet">${escaped(hint)}</p>`}
      ${code === undefined ? '' : `<p class="quiet"><code>${escaped(code)}</code></p>`}
      ${link === undefined ? '' : `<p><a href="${escaped(link.href)}">${escaped(link.text)}</a></p>`}
    </main>
  </body>
</html>
`;
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (each) => `&#${each.charCodeAt(0)};`);
}
