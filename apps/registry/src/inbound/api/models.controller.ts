import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { offsetOf, pageToken } from '../../core/paging.js';
import { PromotionPolicies, Promotions } from '../../core/promotions.js';
import { ModelVersions, RegisteredModels, type RegisteredModel } from '../../core/registered-models.js';
import { countIn } from './body.js';
import { standingView } from './standing-view.js';
import { numberOf } from './version-number.js';
import { versionView } from './version-view.js';

const iso = (ms: number): string => new Date(ms).toISOString();

/** Models with their versions and what is promoted, in one answer each. */
@Controller('api/v1/models')
export class ModelsController {
  constructor(
    @Inject(RegisteredModels) private readonly models: RegisteredModels,
    @Inject(ModelVersions) private readonly versions: ModelVersions,
    @Inject(Promotions) private readonly promotions: Promotions,
    @Inject(PromotionPolicies) private readonly policies: PromotionPolicies,
  ) {}

  @Get()
  async list(@Query('limit') limit?: string, @Query('pageToken') token?: string): Promise<object> {
    const page = await this.models.search({
      filter: [],
      orderBy: [],
      limit: countIn(limit, 'limit', 100, 1000),
      offset: offsetOf(token),
    });
    return { models: await this.summaries(page.items), nextPageToken: pageToken(page.nextOffset) ?? null };
  }

  @Get(':name')
  async get(@Param('name') name: string): Promise<object> {
    const [summary] = await this.summaries([await this.models.get(name)]);
    const filter = [{ entity: 'attribute', key: 'name', test: { type: 'text', operator: '=', value: name } } as const];
    const orderBy = [{ entity: 'attribute', key: 'version_number', ascending: false } as const];
    const { items } = await this.versions.search({ filter, orderBy, limit: 1000, offset: 0 });
    const decisions = await this.policies.decisions(name);
    const versions = items.map((item) =>
      versionView(
        item,
        decisions.find(({ version }) => version === item.version),
      ),
    );
    return { ...summary, versions };
  }

  @Get(':name/versions/:version')
  async version(@Param('name') model: string, @Param('version') versionText: string): Promise<object> {
    const found = await this.versions.get(model, numberOf(versionText));
    const decision = (await this.policies.decisions(model)).find(({ version }) => version === found.version);
    const { frozen } = found;
    const inputExample = frozen.servable ? frozen.inputExample : undefined;
    return { model, ...versionView(found, decision), ...(inputExample && { inputExample }) };
  }

  private async summaries(models: readonly RegisteredModel[]): Promise<object[]> {
    const standings = await this.promotions.standings(models.map(({ name }) => name));
    return models.flatMap((model) => {
      const standing = standings.get(model.name);
      if (standing === undefined) return [];
      return [
        {
          name: model.name,
          description: model.description ?? null,
          createdAt: iso(model.createdMs),
          updatedAt: iso(model.updatedMs),
          aliases: Object.fromEntries(model.aliases.map(({ alias, version }) => [alias, version])),
          ...standingView(standing),
        },
      ];
    });
  }
}
