import { expect, it } from 'vitest';
import { attachment } from './content-disposition.js';
import { contentTypeOf } from './content-types.js';

it.each([
  ['model.onnx', 'attachment; filename=model.onnx'],
  ['100%.txt', 'attachment; filename=100%.txt'],
  ['a b', 'attachment; filename="a b"'],
  ['q"u\\o', 'attachment; filename="q\\"u\\\\o"'],
  ['a;b', 'attachment; filename="a;b"'],
  ['é.txt', "attachment; filename=e.txt; filename*=UTF-8''%C3%A9.txt"],
  ['日本語', "attachment; filename=download; filename*=UTF-8''%E6%97%A5%E6%9C%AC%E8%AA%9E"],
  ["日'(x)*", "attachment; filename=\"'(x)*\"; filename*=UTF-8''%E6%97%A5%27%28x%29%2A"],
])('offers %s', (name, expected) => {
  expect(attachment(name)).toBe(expected);
});

it.each([
  ['MLmodel conda.yaml a.json a.csv a.py a.ipynb a.xml requirements.txt a.TXT', 'text/plain'],
  ['model.onnx m.pkl noext a.parquet a.npy a.gz .json MLproject', 'application/octet-stream'],
  ['a.html a.HTM', 'text/html'],
  ['a.png a.PNG', 'image/png'],
  ['a.svg', 'image/svg+xml'],
  ['a.tar.gz', 'application/x-tar'],
  ['a.pdf', 'application/pdf'],
])('%s are %s', (names, type) => {
  for (const name of names.split(' ')) expect([name, contentTypeOf(name)]).toEqual([name, type]);
});
