export { PlatformError, messageOf } from './platform-error.js';
export { Clock, SystemClock, ManualClock } from './clock.js';
export { Logger, JsonLogger, SilentLogger, type LogLevel } from './logger.js';
export { Metrics, NoMetrics, type MetricSpec, type Sample } from './metrics.js';
export { Distribution } from './distribution.js';
export { readJsonText } from './read-json-text.js';
export { requestIdOf } from './request-id.js';
export { isPublicAddress } from './public-address.js';
export {
  describeSettings,
  readSettings,
  required,
  settings,
  type SettingDescription,
  type Settings,
} from './config.js';
export { crashPoint } from './crash-point.js';
