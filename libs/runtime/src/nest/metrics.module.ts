import { Controller, Get, Header, Inject, Module, type DynamicModule } from '@nestjs/common';
import { Metrics, type MetricSpec } from '../metrics.js';
import { PrometheusMetrics } from './prometheus-metrics.js';

@Controller()
export class MetricsController {
  constructor(@Inject(PrometheusMetrics) private readonly metrics: PrometheusMetrics) {}

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  read(): Promise<string> {
    return this.metrics.text();
  }
}

/** Gives `Metrics` to every module of the app, and `GET /metrics`. */
@Module({})
export class MetricsModule {
  static register(specs: readonly MetricSpec[]): DynamicModule {
    return {
      module: MetricsModule,
      global: true,
      controllers: [MetricsController],
      providers: [
        { provide: PrometheusMetrics, useFactory: () => new PrometheusMetrics(specs) },
        { provide: Metrics, useExisting: PrometheusMetrics },
      ],
      exports: [Metrics],
    };
  }
}
