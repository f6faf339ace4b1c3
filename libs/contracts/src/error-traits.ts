/** What is known of every failure with one code. */
export interface ErrorTraits {
  status: number;
  retryable: boolean;
  fault: 'retry' | 'dead-letter' | 'environment';
  level: 'info' | 'warn' | 'error';
  sentence: string;
}
