import { join } from 'node:path';
import { environmentWith, runEnvironment } from '../environment.js';
import { cached, runTool } from './program-cache.js';

const version = 'v1.9.3';

/** The program by which people try gRPC servers out, or why it can't be had. */
export type Grpcurl = { program: string; missing?: undefined } | { program?: undefined; missing: string };

/** Built once by `go install`. */
export const grpcurl = async (): Promise<Grpcurl> => {
  try {
    const folder = await cached(runEnvironment().cacheDir, `grpcurl-${version}`, (place) =>
      runTool('go', ['install', `github.com/fullstorydev/grpcurl/cmd/grpcurl@${version}`], {
        install: 'Install Go 1.25 or newer (https://go.dev/dl); it builds grpcurl once.',
        environment: environmentWith({ GOBIN: place, CGO_ENABLED: '0' }),
      }),
    );
    return { program: join(folder, 'grpcurl') };
  } catch (error) {
    return { missing: error instanceof Error ? error.message : String(error) };
  }
};
