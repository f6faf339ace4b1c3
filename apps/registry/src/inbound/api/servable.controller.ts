import { Controller, Inject, Param, Put, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { putServable, sentence, type ColumnSpec, type PromotionView } from '#contracts';
import { PlatformError } from '#runtime';
import { ReceiveServable } from '../../core/receive-servable.js';
import { ModelVersions } from '../../core/registered-models.js';
import { numberOf } from './version-number.js';
import { versionView } from './version-view.js';

/** Gives a version its ONNX file: the body itself, or as JSON the path of one in the version's own directory. */
@Controller('api/v1/models/:name/versions/:version/servable')
export class ServableController {
  constructor(
    @Inject(ReceiveServable) private readonly receive: ReceiveServable,
    @Inject(ModelVersions) private readonly versions: ModelVersions,
  ) {}

  /** 200 with the version, and the promotion that had waited for the file; the same file again is 200 too, another 409. */
  @Put()
  async put(
    @Param('name') model: string,
    @Param('version') versionText: string,
    @Req() request: FastifyRequest,
    @Query('columns') columns?: string,
  ): Promise<object> {
    const version = numberOf(versionText);
    const promotion = await this.take(model, version, request, columns);
    return { model, ...versionView(await this.versions.get(model, version)), promotion: promotion ?? null };
  }

  private take(
    model: string,
    version: number,
    { body, headers }: FastifyRequest,
    columns?: string,
  ): Promise<PromotionView | undefined> {
    if (isStream(body)) {
      const length = headers['content-length'];
      const wish = { model, version, columns: columnsOf(columns) };
      return this.receive.fromUpload(wish, body, length === undefined ? undefined : Number(length));
    }
    const given = putServable.safeParse(body);
    if (!given.success)
      throw new PlatformError(
        'REQUEST_INVALID',
        `Send the ONNX file as application/octet-stream, or JSON: ${sentence(given.error)}`,
      );
    return this.receive.fromDirectory({ model, version, columns: given.data.columns }, given.data.path);
  }
}

const isStream = (body: unknown): body is AsyncIterable<Uint8Array> =>
  typeof body === 'object' && body !== null && Symbol.asyncIterator in body;

const columnsOf = (text: string | undefined): ColumnSpec[] | undefined => {
  if (text === undefined) return undefined;
  const parsed = putServable.shape.columns.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  throw new PlatformError('REQUEST_INVALID', `columns: ${sentence(parsed.error)}`);
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new PlatformError('REQUEST_INVALID', 'columns must be JSON, such as [{"name":"x","type":"double"}].');
  }
};
