export interface DocsPage {
  title: string;
  /** The document that it shows, and where the files of the page lie; relative: a proxy may put a prefix before. */
  document: string;
  assets: string;
  /** HTML shown above. */
  above?: string;
}

/** Nothing from elsewhere, no script but ours; the page sets styles and pictures of its own within itself. */
export const DOCS_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'";

/** A page that shows an OpenAPI document, without a script in the page itself, which its security policy would refuse. */
export const docsPage = ({ title, document, assets, above = '' }: DocsPage): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${assets}/swagger-ui.css">
</head>
<body>
${above}<noscript>The description of this API is in <a href="${document}">${document}</a>.</noscript>
<div id="api" data-document="${document}"></div>
<script src="${assets}/swagger-ui-bundle.js"></script>
<script src="${assets}/start.js"></script>
</body>
</html>
`;

/** Text as HTML shows it, in attributes too. */
export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

export const startScript = `window.SwaggerUIBundle({
  url: document.getElementById('api').dataset.document,
  dom_id: '#api',
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
});
`;
