import { describe, expect, it } from 'vitest';
import { ChunkSigner, chunkedLength } from './s3-signature.js';

/** The example in Amazon's description of the protocol: 65 KiB of "a" in chunks of 64 KiB. */
describe('a chunked upload is signed as in the published example', () => {
  const signer = new ChunkSigner(
    {
      accessKey: 'AKIAIOSFODNN7EXAMPLE',
      secretKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
      region: 'us-east-1',
    },
    '20130524T000000Z',
  );
  const chunk = (bytes: number): Buffer[] => [Buffer.alloc(bytes - 3, 'a'), Buffer.from('aaa')];

  it('length', () => {
    expect(chunkedLength(66560, 65536)).toBe(66824);
    expect(chunkedLength(0, 65536)).toBe(86);
    expect(chunkedLength(65536, 65536)).toBe(65536 + 90 + 86);
  });

  it('request', () => {
    const { authorization } = signer.sign({
      path: '/examplebucket/chunkObject.txt',
      query: '',
      headers: {
        'content-encoding': 'aws-chunked',
        'content-length': '66824',
        host: 's3.amazonaws.com',
        'x-amz-decoded-content-length': '66560',
        'x-amz-storage-class': 'REDUCED_REDUNDANCY',
      },
    });
    expect(authorization).toContain('4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9');
    expect(authorization).toContain('Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request');
  });

  it('chunks', () => {
    const heads = [chunk(65536), chunk(1024), []].map((each) => signer.head(each).toString());
    expect(heads).toEqual([
      '10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n',
      '400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n',
      '0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n',
    ]);
  });
});
