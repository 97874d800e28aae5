import { describe, expect, it } from 'vitest';
import { parseDrainHook, undoCalls } from './drain-hook.ts';

describe('parseDrainHook', () => {
  it('runs a command of one’s own by the shell', () => {
    expect(parseDrainHook('exec:nginx -s quit')).toEqual({
      name: 'exec:nginx -s quit',
      call: { command: ['sh', '-c', 'nginx -s quit'] },
    });
  });

  it('sends a request within the Pod, POST unless it says GET', () => {
    expect(parseDrainHook('http://:8081/drain?now=1').call).toEqual({
      method: 'POST',
      url: 'http://127.0.0.1:8081/drain?now=1',
    });
    expect(parseDrainHook('GET http://localhost:8081/drain').call).toEqual({
      method: 'GET',
      url: 'http://localhost:8081/drain',
    });
  });

  it('knows Envoy, Istio and Spring by name, each with its way back', () => {
    expect(parseDrainHook('envoy')).toMatchObject({
      call: { url: 'http://127.0.0.1:9901/healthcheck/fail' },
      undo: { url: 'http://127.0.0.1:9901/healthcheck/ok' },
    });
    expect(parseDrainHook('istio')).toMatchObject({
      call: {
        container: 'istio-proxy',
        command: ['pilot-agent', 'request', 'POST', 'healthcheck/fail'],
      },
      undo: { command: ['pilot-agent', 'request', 'POST', 'healthcheck/ok'] },
    });
    expect(parseDrainHook('spring:9001')).toMatchObject({
      call: {
        url: 'http://127.0.0.1:9001/actuator/readinessstate',
        body: '{"state":"REFUSING_TRAFFIC"}',
      },
      undo: { body: '{"state":"ACCEPTING_TRAFFIC"}' },
    });
  });

  it.each(['', 'exec:', 'nginx', 'https://:1/', 'http://host/', 'istio:15000', 'PUT http://:1/'])(
    'refuses %j, naming what it takes',
    (text) => {
      expect(() => parseDrainHook(text)).toThrowError(
        expect.objectContaining({ code: 'drain-hook', hint: expect.stringContaining('envoy') }),
      );
    },
  );
});

describe('undoCalls', () => {
  it('takes back the last hook first, and what the user named before that', () => {
    expect(undoCalls(['envoy', 'spring', 'exec:drain'], ['exec:undrain'])).toMatchObject([
      { command: ['sh', '-c', 'undrain'] },
      { body: '{"state":"ACCEPTING_TRAFFIC"}' },
      { url: 'http://127.0.0.1:9901/healthcheck/ok' },
    ]);
    expect(undoCalls()).toEqual([]);
  });
});
