import type { Bundle } from './bundle.ts'

/**
 * What the page may do: run and style itself from its own files, ask its own server, and nothing else. No inline script or style, no eval, no foreign host;
 * nothing may frame it; text never becomes markup (Trusted Types).
 */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

/** The one document. What it shows is decided by the address behind `#`, which no server sees. */
export function documentOf(
  { main, style, theme, icon }: Bundle,
  { localSignIn }: { readonly localSignIn: boolean },
): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="local-sign-in" content="${localSignIn ? 'yes' : 'no'}">
<title>eshop analytics</title>
<link rel="icon" href="/assets/${icon}" type="image/svg+xml">
<link rel="stylesheet" href="/assets/${style}">
<script src="/assets/${theme}"></script>
<script type="module" src="/assets/${main}"></script>
</head>
<body>
<div id="app"><p class="boot">Loading the dashboards …</p></div>
<noscript><p class="boot">The dashboards need JavaScript. Without it: <code>eshop sql</code>, or the REST API at <a href="/docs">/docs</a>.</p></noscript>
</body>
</html>
`
}
