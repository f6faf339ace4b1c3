export { startNatively, type NativeRequest, type NativeRun } from './start-natively.js';
export { kafkaVersion } from './kafka-config.js';
export { kafkaJars } from './start-kafka.js';
export { s3Arguments, versitygw, versitygwVersion } from './start-s3.js';
export { grpcurl, type Grpcurl } from './grpcurl.js';
export { postgresPrograms } from './postgres-programs.js';
export { serviceNames, isServiceName, type RunningService, type ServiceName } from '../service.js';
export { announce, runEnvironment, environmentWith } from '../environment.js';
export { freePort } from '../free-port.js';
