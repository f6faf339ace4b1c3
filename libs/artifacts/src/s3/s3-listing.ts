import { text } from 'node:stream/consumers';
import type { Client } from 'minio';
import { strictlyEscaped } from './s3-signature.js';

export interface ListedObject {
  /** Full name in the bucket; ends in `/` for what stands for a folder. */
  name: string;
  sizeBytes: number;
  /** 0 for folders. */
  modifiedMs: number;
}

/**
 * Lists a bucket below a prefix, page by page. Asked and read by hand: the client's own listing decodes percent signs
 * twice (so `%2e%2e` comes back as `..`), leaves some XML entities, and fails on a name such as `100%`.
 */
export const listObjects = async function* (
  client: Client,
  bucket: string,
  prefix: string,
  delimiter: '' | '/',
): AsyncGenerator<ListedObject> {
  let token: string | undefined;
  do {
    const response = await client.makeRequestAsync({
      method: 'GET',
      bucketName: bucket,
      query: queryOf({
        'continuation-token': token,
        delimiter: delimiter === '' ? undefined : delimiter,
        'encoding-type': 'url',
        'list-type': '2',
        'max-keys': '1000',
        prefix,
      }),
    });
    const page = await text(response);
    yield* objectsIn(page);
    token =
      elements(page, 'IsTruncated')[0] === 'true'
        ? elements(page, 'NextContinuationToken').map(unescaped)[0]
        : undefined;
  } while (token !== undefined);
};

/** The objects and folders of one page (`ListBucketResult`), in no particular order. */
export const objectsIn = (page: string): ListedObject[] => {
  const decoded = elements(page, 'EncodingType')[0] === 'url' ? urlDecoded : unescaped;
  return [
    ...elements(page, 'CommonPrefixes').flatMap((folder) =>
      elements(folder, 'Prefix').map((name) => ({ name: decoded(name), sizeBytes: 0, modifiedMs: 0 })),
    ),
    ...elements(page, 'Contents').flatMap((object) =>
      elements(object, 'Key').map((name) => ({
        name: decoded(name),
        sizeBytes: Number(elements(object, 'Size')[0]),
        modifiedMs: Date.parse(elements(object, 'LastModified')[0] ?? ''),
      })),
    ),
  ];
};

/** Bodies of all elements of a name. Enough of an XML reader here: names are escaped, so no text looks like a tag. */
const elements = (xml: string, name: string): string[] =>
  [...xml.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, 'gs'))].map(([, body]) => body);

const urlDecoded = (name: string): string => decodeURIComponent(unescaped(name).replaceAll('+', ' '));

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const unescaped = (xml: string): string =>
  xml.replace(
    /&(?:#x([0-9a-f]+)|#(\d+)|(amp|lt|gt|quot|apos));/gi,
    (_all, hex?: string, decimal?: string, name = '') =>
      name === ''
        ? String.fromCodePoint(hex === undefined ? Number(decimal) : parseInt(hex, 16))
        : entities[name as string],
  );

/** In alphabetical order and escaped as the signature demands. */
const queryOf = (parameters: Record<string, string | undefined>): string =>
  Object.entries(parameters)
    .filter((entry): entry is [string, string] => entry[1] !== undefined)
    .map(([name, value]) => `${name}=${strictlyEscaped(value)}`)
    .join('&');
