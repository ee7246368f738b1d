import type { EcluseError } from '@ecluse/errors';

/** Longest request path repeated on a page. */
const MOST_PATH = 500;

/**
 * The page a browser shows instead of a problem document. `retry` is a local path offered as a link: a cookie with
 * SameSite=Strict is not sent when another site opened the page, but is sent from a link of this page.
 */
export function problemPage(error: EcluseError, retry: string | undefined): string {
  const link =
    retry === undefined || retry.length > MOST_PATH
      ? ''
      : `<p><a href="${escape(retry)}">Try again from here</a> if you came from another page and are logged in.</p>`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${escape(error.entry.title)} · Ecluse</title>
<body>
<h1>${escape(error.entry.title)}</h1>
<p>${escape(error.detail ?? '')}</p>
<p>${escape(error.entry.remedy)}</p>
${link}
<p><small>${escape(error.code)}</small></p>
</body>
</html>
`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
