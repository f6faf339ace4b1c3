import { Controller, Get, Header, Inject } from '@nestjs/common';
import { DirectTransfers } from '#artifacts';

/** The release of MLflow whose API this registry speaks; clients compare it with the least they need. */
export const SPOKEN_VERSION = '3.11.0';

/** What clients ask a tracking server before anything else. */
@Controller()
export class ServerController {
  constructor(@Inject(DirectTransfers) private readonly direct: DirectTransfers) {}

  @Get('health')
  @Header('content-type', 'text/html; charset=utf-8')
  health(): string {
    return 'OK';
  }

  @Get('version')
  @Header('content-type', 'text/plain; charset=utf-8')
  version(): string {
    return SPOKEN_VERSION;
  }

  @Get(['api/3.0/mlflow/server-info', 'ajax-api/3.0/mlflow/server-info'])
  info(): object {
    return {
      store_type: 'SqlStore',
      workspaces_enabled: false,
      trace_archival_enabled: false,
      multipart_uploads_enabled: this.direct.available,
      multipart_downloads_enabled: this.direct.available,
    };
  }
}
