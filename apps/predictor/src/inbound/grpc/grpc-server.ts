import {
  logVerbosity,
  Server,
  ServerCredentials,
  setLogVerbosity,
  type ServerOptions,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Settings } from '#runtime';
import { listenError } from '#runtime/nest';
import { blameClients } from './client-faults.js';
import { type HealthService } from './health-service.js';
import type { InferenceService } from './inference-service.js';
import { bytewise, HEALTH_SERVICE, INFERENCE_SERVICE, protocol } from './protocol.js';
import { reflectionOf } from './reflection.js';
import { unary, type Logs, type UnaryMethod } from './unary-call.js';

/** Calls that were begun may take this long to end when the replica leaves; the process itself has 25 s. */
const DRAIN_WITHIN_MS = 10_000;

/**
 * The gRPC surface: the Open Inference Protocol, the standard health service and server reflection on a port of their own. It
 * listens before HTTP does, so that what is told as listening listens on both.
 */
export class GrpcServer {
  private readonly server: Server;
  private boundPort: number | undefined;

  constructor(
    inference: InferenceService,
    private readonly health: HealthService,
    private readonly logs: Logs,
    private readonly settings: Settings,
  ) {
    // The library would write its own lines on stderr; what it has to say comes as errors and statuses too.
    setLogVerbosity(logVerbosity.NONE);
    this.server = new Server(optionsOf(settings));
    this.add(INFERENCE_SERVICE, inference.methods());
    this.add(HEALTH_SERVICE, { Check: this.health.ask }, { Watch: this.health.watch.bind(this.health) });
    reflectionOf(protocol).addToServer(this.server);
  }

  /** Undefined before it listens. */
  get port(): number | undefined {
    return this.boundPort;
  }

  /** @throws PlatformError CONFIGURATION_INVALID when the port is taken */
  async onModuleInit(): Promise<void> {
    const { HOST, PREDICTOR_GRPC_PORT } = this.settings;
    const address = `${HOST.includes(':') ? `[${HOST}]` : HOST}:${String(PREDICTOR_GRPC_PORT)}`;
    this.boundPort = await new Promise((resolve, reject) => {
      this.server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
        if (error === null) resolve(port);
        else reject(listenError(error, { host: HOST, port: PREDICTOR_GRPC_PORT, setting: 'PREDICTOR_GRPC_PORT' }));
      });
    });
  }

  /** "Not ready" has been said by now. New calls are refused, those that run are answered; who hangs on is cut off. */
  async beforeApplicationShutdown(): Promise<void> {
    this.health.close();
    const drained = new Promise<void>((resolve) => {
      this.server.tryShutdown(() => {
        resolve();
      });
    });
    let limit: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      limit = setTimeout(resolve, DRAIN_WITHIN_MS, 'late');
    });
    if ((await Promise.race([drained, late])) === 'late')
      this.logs.logger.warn(`gRPC calls did not end within ${String(DRAIN_WITHIN_MS / 1000)} s and are cut off.`);
    clearTimeout(limit);
    this.server.forceShutdown();
  }

  private add(service: string, methods: Record<string, UnaryMethod>, more: UntypedServiceImplementation = {}): void {
    const handlers = Object.entries(methods).map(([name, method]) => {
      return [name, unary(`/${service}/${name}`, method, this.logs)] as const;
    });
    this.server.addService(bytewise(service), { ...Object.fromEntries(handlers), ...more });
  }
}

const optionsOf = ({ PREDICTOR_MAX_BODY_BYTES }: Settings): ServerOptions => ({
  interceptors: [blameClients],
  'grpc.max_receive_message_length': PREDICTOR_MAX_BODY_BYTES,
  'grpc.max_send_message_length': -1,
  // Its books of every call cost time and are read by nobody here.
  'grpc.enable_channelz': 0,
});
