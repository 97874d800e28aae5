import { expect, test } from 'vitest';
import { TestServer } from '../../../../test/support/api-server.ts';

test('/metrics counts requests by verb, resource and code, and watches while they are open', async () => {
  await using server = await TestServer.start();
  const configMaps = '/api/v1/namespaces/default/configmaps';
  await server.call(configMaps);
  await server.call(`${configMaps}/none`);
  await server.call(`/apis/invented/v1/things`);
  await server.call('//%zz');
  const watch = await server.open(`${configMaps}?watch=true`);
  const counted = (text: string) =>
    text.split('\n').filter((line) => /^apiserver_(request_total|longrunning)/.test(line));
  const metrics = async () => counted((await server.call('/metrics')).text);

  await expect
    .poll(metrics)
    .toContain(
      'apiserver_longrunning_requests{component="apiserver",group="",resource="configmaps",scope="namespace",subresource="",verb="WATCH",version="v1"} 1',
    );
  expect(await metrics()).toEqual(
    expect.arrayContaining([
      'apiserver_request_total{component="apiserver",group="",resource="configmaps",scope="namespace",subresource="",verb="LIST",version="v1",dry_run="",code="200"} 1',
      'apiserver_request_total{component="apiserver",group="",resource="configmaps",scope="resource",subresource="",verb="GET",version="v1",dry_run="",code="404"} 1',
      'apiserver_request_total{component="apiserver",group="",resource="",scope="",subresource="",verb="LIST",version="",dry_run="",code="404"} 1',
    ]),
  );
  watch.destroy();
  await expect
    .poll(metrics)
    .toContain(
      'apiserver_longrunning_requests{component="apiserver",group="",resource="configmaps",scope="namespace",subresource="",verb="WATCH",version="v1"} 0',
    );
});
