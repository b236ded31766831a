import { done, failed, type Action } from './action';
import { healthReport, healthResults } from './health';

/** `health`: every member as this unit sees it; fails with the reason where the cluster is not healthy. */
export const action: Action = async ({ observe }) => {
  const report = healthReport(await observe());
  const results = healthResults(report);
  return report.problem === null ? done(results) : failed(`cluster is unhealthy: ${report.problem}`, results);
};
