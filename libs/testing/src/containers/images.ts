import { kafkaVersion } from '../native/kafka-config.js';
import { versitygwVersion } from '../native/start-s3.js';
import type { ServiceName } from '../service.js';

/** The same images as in docker-compose.kafka.yml (a test says so). */
export const images: Record<ServiceName, string> = {
  kafka: `apache/kafka:${kafkaVersion}`,
  postgres: 'postgres:18',
  s3: `versity/versitygw:${versitygwVersion}`,
};

/** One KAFKA_ variable replaces the image's whole configuration: so all of a single KRaft node is said here. */
export const kafkaEnvironment = (host: string, port: number): Record<string, string> => ({
  CLUSTER_ID: 'YmF0b24tY29udGFpbmVycw',
  KAFKA_NODE_ID: '1',
  KAFKA_PROCESS_ROLES: 'broker,controller',
  KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
  // Two doors: the broker, too, must reach itself (it verifies transactions so), and the host's port is not there inside.
  KAFKA_LISTENERS: 'INSIDE://:19092,OUTSIDE://:9092,CONTROLLER://:9093',
  KAFKA_ADVERTISED_LISTENERS: `INSIDE://localhost:19092,OUTSIDE://${host}:${String(port)}`,
  KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'INSIDE:PLAINTEXT,OUTSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT',
  KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
  KAFKA_INTER_BROKER_LISTENER_NAME: 'INSIDE',
  KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
  KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
  KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
  KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: '5',
  KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
  KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
  KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS: '5',
});
