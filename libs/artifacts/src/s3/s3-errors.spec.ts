import { expect, it } from 'vitest';
import { saidAsStore } from './s3-errors.js';

it.each(['ExistingObjectIsDirectory', 'ObjectParentIsFile', 'XMinioObjectExistsAsDirectory', 'XMinioParentIsObject'])(
  'says %s as the folder store says it',
  (code) => {
    expect(saidAsStore(Object.assign(new Error('from the server'), { code }), 'a/b')).toMatchObject({
      code: 'CONFLICT',
      detail: 'An artifact can not be both a file and a folder.',
    });
  },
);
