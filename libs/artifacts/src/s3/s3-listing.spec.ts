import { expect, it } from 'vitest';
import { objectsIn } from './s3-listing.js';

const page = (encoding: string, key: string, folder: string): string =>
  `<?xml version="1.0"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><Prefix>p/</Prefix>${encoding}
<Contents><Key>${key}</Key><Size>12</Size><LastModified>2026-01-02T03:04:05.000Z</LastModified></Contents><CommonPrefixes><Prefix>${folder}</Prefix></CommonPrefixes></ListBucketResult>`;

it.each([
  ['<EncodingType>url</EncodingType>', 'p/a+b%2B%252e%26', 'p/100%25/', 'p/a b+%2e&', 'p/100%/'],
  ['', 'p/a b+%2e&amp;&#39;&#x3c;', 'p/100%/', "p/a b+%2e&'<", 'p/100%/'],
])('reads names with %j', (encoding, key, folder, name, folderName) => {
  expect(objectsIn(page(encoding, key, folder))).toEqual([
    { name: folderName, sizeBytes: 0, modifiedMs: 0 },
    { name, sizeBytes: 12, modifiedMs: Date.UTC(2026, 0, 2, 3, 4, 5) },
  ]);
});

it('reads an empty page', () => {
  expect(objectsIn('<ListBucketResult><KeyCount>0</KeyCount></ListBucketResult>')).toEqual([]);
});
