import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import {
  type attemptView,
  postAttempt,
  postTrainingRequest,
  trainingRequestState,
  type TrainingRequested,
  type TrainingRequestView,
} from '#contracts';
import { PlatformError } from '#runtime';
import { RequestTraining } from '../../core/request-training.js';
import { KnowAttempts } from '../../core/training-attempts.js';
import { TrainingRequests } from '../../core/training-requests.js';
import { ContractBody, countIn } from './body.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

@Controller('api/v1/training-requests')
export class TrainingRequestsController {
  constructor(
    @Inject(RequestTraining) private readonly training: RequestTraining,
    @Inject(TrainingRequests) private readonly requests: TrainingRequests,
    @Inject(KnowAttempts) private readonly attempts: KnowAttempts,
  ) {}

  @Post()
  @HttpCode(202)
  request(@ContractBody(postTrainingRequest) body: TrainingRequested): Promise<TrainingRequestView> {
    return this.training.execute(body);
  }

  @Get()
  async list(
    @Query('model') model?: string,
    @Query('state') state?: string,
    @Query('limit') limit?: string,
  ): Promise<{ requests: TrainingRequestView[] }> {
    const wanted = trainingRequestState.optional().safeParse(state);
    if (!wanted.success)
      throw new PlatformError('REQUEST_INVALID', `state must be one of ${trainingRequestState.options.join(', ')}.`);
    const query = { model, state: wanted.data, limit: countIn(limit, 'limit', 100, 1000) };
    return { requests: await this.requests.list(query) };
  }

  @Get(':id')
  get(@Param('id') id: string): Promise<TrainingRequestView> {
    return this.training.get(checkedId(id));
  }

  @Delete(':id')
  @HttpCode(202)
  cancel(@Param('id') id: string, @Query('reason') reason = ''): Promise<TrainingRequestView> {
    return this.training.cancel(checkedId(id), reason);
  }

  /** A trainer may hear of a request before we do: any id will do. */
  @Post(':id/attempts')
  async begin(
    @Param('id') id: string,
    @ContractBody(postAttempt) { fence, promote }: z.infer<typeof postAttempt>,
  ): Promise<z.infer<typeof attemptView>> {
    return { token: await this.attempts.begin({ requestId: checkedId(id), fence, promote }) };
  }
}

const checkedId = (id: string): string => {
  if (!UUID.test(id)) throw new PlatformError('NOT_FOUND', `There is no training request ${id}.`);
  return id.toLowerCase();
};
