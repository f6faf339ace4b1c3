import { Controller, Get, HttpCode, Inject, Post } from '@nestjs/common';
import { z } from 'zod';
import { DirectTransfers } from '#artifacts';
import { PlatformError } from '#runtime';
import { proxiedKey } from '../../core/artifact-locations.js';
import { artifactPath } from '../../core/artifact-paths.js';
import { int32, list, required } from './fields.js';
import { Message } from './message.js';
import { MlflowOnlyError } from './mlflow-errors.js';

/** S3's limit. */
const MAX_PARTS = 10_000;

/** `path` is the client's own file, of which the name counts; the folder stands in the URL. */
const file = z.object({ '*': z.string().default(''), path: required });
const creation = file.extend({ num_parts: int32.default(1) });
const abortion = file.extend({ upload_id: required });
const completion = abortion.extend({ parts: list(z.object({ part_number: int32, etag: required })) });
const download = z.object({ '*': z.string() });

/** Uploads in parts and downloads in ranges, by signed URLs that reach one file of the proxy and nothing else. */
@Controller(['api/2.0/mlflow-artifacts', 'ajax-api/2.0/mlflow-artifacts'])
export class DirectTransfersController {
  constructor(@Inject(DirectTransfers) private readonly direct: DirectTransfers) {}

  @Post(['mpu/create', 'mpu/create/*'])
  @HttpCode(200)
  async create(@Message(creation) given: z.infer<typeof creation>): Promise<object> {
    const key = keyOf(given);
    this.orUnsupported('upload');
    if (given.num_parts < 1 || given.num_parts > MAX_PARTS)
      throw new PlatformError(
        'REQUEST_INVALID',
        `Invalid value ${String(given.num_parts)} for parameter 'num_parts' supplied. It must be from 1 to ${String(MAX_PARTS)}.`,
      );
    const { uploadId, parts } = await this.direct.beginUpload(key, given.num_parts);
    const credentials = parts.map(({ url, partNumber }) => ({ url, part_number: partNumber, headers: {} }));
    return { upload_id: uploadId, credentials };
  }

  @Post(['mpu/complete', 'mpu/complete/*'])
  @HttpCode(200)
  async complete(@Message(completion) given: z.infer<typeof completion>): Promise<object> {
    const key = keyOf(given);
    this.orUnsupported('upload');
    if (given.parts.length === 0)
      throw new PlatformError(
        'REQUEST_INVALID',
        "Missing value for required parameter 'parts'. See the API docs for more information about request parameters.",
      );
    const parts = given.parts.map(({ part_number, etag }) => ({ partNumber: part_number, etag }));
    await this.direct.completeUpload(key, given.upload_id, parts);
    return {};
  }

  @Post(['mpu/abort', 'mpu/abort/*'])
  @HttpCode(200)
  async abort(@Message(abortion) given: z.infer<typeof abortion>): Promise<object> {
    const key = keyOf(given);
    this.orUnsupported('upload');
    await this.direct.abortUpload(key, given.upload_id);
    return {};
  }

  @Get('presigned/*')
  async presigned(@Message(download) given: z.infer<typeof download>): Promise<object> {
    const key = proxiedKey(given['*']);
    this.orUnsupported('download');
    const { url, sizeBytes } = await this.direct.downloadUrl(key, key.slice(key.lastIndexOf('/') + 1));
    return { url, headers: {}, file_size: sizeBytes };
  }

  /** Clients look for this message and transfer in one piece. */
  private orUnsupported(what: 'upload' | 'download'): void {
    if (this.direct.available) return;
    throw new MlflowOnlyError(
      501,
      'NOT_IMPLEMENTED',
      `Multipart ${what} is not supported for the current artifact repository`,
    );
  }
}

const keyOf = (given: z.infer<typeof file>): string => {
  const name = given.path.slice(Math.max(given.path.lastIndexOf('/'), given.path.lastIndexOf('\\')) + 1);
  // A name, not a path: what an escape hides in it must not become one.
  if (artifactPath(name) === '' || artifactPath(name).includes('/'))
    throw new PlatformError('REQUEST_INVALID', 'Invalid path');
  return proxiedKey(`${artifactPath(given['*'])}/${name}`.replace(/^\//, ''));
};
