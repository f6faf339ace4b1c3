import { Controller, HttpCode, Inject, Post } from '@nestjs/common';
import type { z } from 'zod';
import { postGarbage, type GarbageView } from '#contracts';
import { CollectGarbage } from '../../core/garbage/collect-garbage.js';
import { ContractBody } from './body.js';

/** Garbage collection; looks only unless it is told to apply. */
@Controller('api/v1/gc')
export class GarbageController {
  constructor(@Inject(CollectGarbage) private readonly collect: CollectGarbage) {}

  @Post()
  @HttpCode(200)
  async post(@ContractBody(postGarbage) wish: z.infer<typeof postGarbage>): Promise<GarbageView> {
    const { olderThan = 0, ...rest } = wish;
    const { removed, kept } = await this.collect.execute({ ...rest, olderThanMs: olderThan });
    return {
      applied: wish.apply,
      removed,
      kept,
      sizeBytes: removed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    };
  }
}
