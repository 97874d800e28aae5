import { describe, expect, test } from 'vitest';

import { applyDefaults } from '../defaults/apply-defaults.ts';
import { parseApiVersion } from '../group-version-kind.ts';
import { type Kind, kindOf } from '../kind-rules.ts';
import { validateCreate, validateUpdate } from './validate.ts';

const metadata = { name: 'x', namespace: 'default' };

function named(key: string): Kind {
  const [apiVersion = '', kind = ''] = key.split(' ');
  return kindOf({ ...parseApiVersion(apiVersion), kind });
}

function refusals(key: string, object: object): string[] {
  const kind = named(key);
  return validateCreate(kind, applyDefaults(kind, { metadata, ...object })).map(
    ({ field, message }) => `${field}: ${message}`,
  );
}

function changes(key: string, before: object, after: object): string[] {
  const kind = named(key);
  const [previous, next] = [before, after].map((one) => applyDefaults(kind, { metadata, ...one }));
  return validateUpdate(kind, next, previous).map(({ field, message }) => `${field}: ${message}`);
}

const pod = { containers: [{ name: 'a', image: 'a' }] };
const labelled = (app: string) => ({ metadata: { labels: { app } }, spec: pod });
const webhook = {
  name: 'check.example.com',
  admissionReviewVersions: ['v1'],
  sideEffects: 'None',
  clientConfig: { service: { name: 'check', namespace: 'default' } },
  rules: [
    {
      operations: ['CREATE'],
      apiGroups: [''],
      apiVersions: ['v1'],
      resources: ['pods', 'pods/log'],
    },
  ],
};
const WEBHOOKS = 'admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration';
const HPA = 'autoscaling/v2 HorizontalPodAutoscaler';
const target = { kind: 'Deployment', name: 'web', apiVersion: 'apps/v1' };
const metric = (more: object) => ({
  spec: { scaleTargetRef: target, maxReplicas: 3, metrics: [more] },
});
const POLICY = 'networking.k8s.io/v1 NetworkPolicy';
const ingress = (rule: object) => ({ spec: { podSelector: {}, ingress: [rule] } });
const flow = (rules: object[]) => ({
  spec: { priorityLevelConfiguration: { name: 'global-default' }, rules },
});

describe('a new object is refused in the words of the real server:', () => {
  test.each<readonly [string, object, readonly string[]]>([
    [
      POLICY,
      ingress({ from: [{}] }),
      ['spec.ingress[0].from[0]: Required value: must specify a peer'],
    ],
    [
      POLICY,
      ingress({ from: [{ podSelector: {}, ipBlock: { cidr: '10.0.0.0/8' } }] }),
      ['spec.ingress[0].from[0]: Forbidden: may not specify both ipBlock and another peer'],
    ],
    [
      POLICY,
      ingress({
        from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16', '11.0.0.0/16'] } }],
      }),
      [
        'spec.ingress[0].from[0].ipBlock.except[1]: Invalid value: "11.0.0.0/16": must be a strict subset of `cidr`',
      ],
    ],
    [
      POLICY,
      ingress({ ports: [{ port: 80, endPort: 79, protocol: 'HTTP' }, { endPort: 5 }] }),
      [
        'spec.ingress[0].ports[0].protocol: Unsupported value: "HTTP": supported values: "TCP", "UDP", "SCTP"',
        'spec.ingress[0].ports[0].endPort: Invalid value: 80: must be greater than or equal to `port`',
        'spec.ingress[0].ports[1].endPort: Invalid value: 5: may not be specified when `port` is not specified',
      ],
    ],
    [WEBHOOKS, { webhooks: [webhook] }, []],
    [
      WEBHOOKS,
      { webhooks: [{ ...webhook, name: 'check', sideEffects: undefined, timeoutSeconds: 31 }] },
      [
        'webhooks[0].name: Invalid value: "check": should be a domain with at least three segments separated by dots',
        'webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun',
        'webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds',
      ],
    ],
    [
      WEBHOOKS,
      {
        webhooks: [
          { ...webhook, clientConfig: {}, admissionReviewVersions: ['v2'] },
          {
            ...webhook,
            clientConfig: { url: 'http://a.b/c?d=e' },
            rules: [{ operations: ['GET'] }],
          },
        ],
      },
      [
        'webhooks[0].clientConfig: Required value: exactly one of url or service is required',
        'webhooks[0].admissionReviewVersions: Invalid value: ["v2"]: must include at least one of v1, v1beta1',
        'webhooks[1].rules[0].operations[0]: Unsupported value: "GET": supported values: "*", "CONNECT", "CREATE", "DELETE", "UPDATE"',
        'webhooks[1].rules[0].apiGroups: Required value',
        'webhooks[1].rules[0].apiVersions: Required value',
        'webhooks[1].rules[0].resources: Required value',
        `webhooks[1].clientConfig.url: Invalid value: "http": 'https' is the only allowed URL scheme; desired format: https://host[/path]`,
        'webhooks[1].clientConfig.url: Invalid value: "d=e": query parameters are not permitted in the URL',
        'webhooks[1].name: Duplicate value: "check.example.com"',
      ],
    ],
    [
      'v1 LimitRange',
      {
        spec: {
          limits: [
            { type: 'Pod', min: { cpu: '2' }, max: { cpu: '1' }, default: { cpu: '1' } },
            { type: 'Volume' },
          ],
        },
      },
      [
        "spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'",
        'spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1',
        'spec.limits[1].type: Invalid value: "Volume": must be a standard limit type or fully qualified',
      ],
    ],
    [
      'v1 ResourceQuota',
      { spec: { hard: { pods: '-1', 'count/jobs.batch': '3' }, scopes: ['Mine'] } },
      [
        'spec.hard[pods]: Invalid value: "-1": must be greater than or equal to 0',
        'spec.scopes: Invalid value: ["Mine"]: unsupported scope',
      ],
    ],
    [
      HPA,
      metric({ type: 'Resource' }),
      [
        'spec.metrics[0].resource: Required value: must populate information for the given metric source',
      ],
    ],
    [
      HPA,
      metric({ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization' } } }),
      [
        'spec.metrics[0].resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization',
      ],
    ],
    [
      HPA,
      {
        spec: {
          scaleTargetRef: target,
          maxReplicas: 3,
          behavior: {
            scaleDown: {
              stabilizationWindowSeconds: 3601,
              policies: [{ type: 'Pods', value: 0, periodSeconds: 1801 }],
            },
          },
        },
      },
      [
        'spec.behavior.scaleDown.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600',
        'spec.behavior.scaleDown.policies[0].value: Invalid value: 0: must be greater than zero',
        'spec.behavior.scaleDown.policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to 1800',
      ],
    ],
    [
      'flowcontrol.apiserver.k8s.io/v1 FlowSchema',
      flow([{ subjects: [{ kind: 'User' }], nonResourceRules: [] }]),
      [
        "spec.rules[0].subjects[0].user: Required value: user is required when subject kind is 'User'",
        'spec.rules[0]: Required value: at least one of resourceRules and nonResourceRules has to be non-empty',
      ],
    ],
    [
      'networking.k8s.io/v1 IngressClass',
      { spec: { controller: 'nginx', parameters: { kind: 'K', name: 'n', namespace: 'a' } } },
      [
        'spec.controller: Invalid value: "nginx": must be a domain-prefixed path (such as "acme.io/foo")',
        "spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'",
      ],
    ],
    [
      'storage.k8s.io/v1 VolumeAttachment',
      { spec: { attacher: 'a.b', nodeName: 'n', source: {} } },
      [
        'spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName',
      ],
    ],
    [
      'v1 PodTemplate',
      { template: { spec: { containers: [{ name: 'a' }] } } },
      ['template.spec.containers[0].image: Required value'],
    ],
  ])('%s %j', (key, object, expected) => {
    expect(refusals(key, object)).toEqual(expected);
  });
});

describe('what is fixed at creation stays:', () => {
  const selected = (app: string) => ({
    spec: { selector: { matchLabels: { app } }, template: labelled(app), serviceName: 'x' },
  });
  const role = (name: string) => ({
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
  });
  test.each<readonly [string, object, object, string]>([
    [
      'apps/v1 Deployment',
      selected('a'),
      selected('b'),
      'spec.selector: Invalid value: {"matchLabels":{"app":"b"}}: field is immutable',
    ],
    [
      'apps/v1 ReplicaSet',
      selected('a'),
      selected('b'),
      'spec.selector: Invalid value: {"matchLabels":{"app":"b"}}: field is immutable',
    ],
    [
      'apps/v1 DaemonSet',
      selected('a'),
      selected('b'),
      'spec.selector: Invalid value: {"matchLabels":{"app":"b"}}: field is immutable',
    ],
    ['v1 Secret', { type: 'a' }, { type: 'b' }, 'type: Invalid value: "b": field is immutable'],
    [
      'node.k8s.io/v1 RuntimeClass',
      { handler: 'a' },
      { handler: 'b' },
      'handler: Invalid value: "b": field is immutable',
    ],
    [
      'rbac.authorization.k8s.io/v1 RoleBinding',
      role('a'),
      role('b'),
      'roleRef: Invalid value: {"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"b"}: cannot change roleRef',
    ],
    [
      'storage.k8s.io/v1 StorageClass',
      { provisioner: 'a' },
      { provisioner: 'b' },
      'provisioner: Forbidden: updates to provisioner are forbidden.',
    ],
    [
      'v1 ResourceQuota',
      { spec: {} },
      { spec: { scopes: ['BestEffort'] } },
      'spec.scopes: Invalid value: ["BestEffort"]: field is immutable',
    ],
    [
      'networking.k8s.io/v1 IngressClass',
      { spec: { controller: 'a.b/c' } },
      { spec: { controller: 'a.b/d' } },
      'spec.controller: Invalid value: "a.b/d": field is immutable',
    ],
    [
      'storage.k8s.io/v1 CSIDriver',
      { spec: {} },
      { spec: { attachRequired: false } },
      'spec.attachedRequired: Invalid value: false: field is immutable',
    ],
    [
      'discovery.k8s.io/v1 EndpointSlice',
      { addressType: 'IPv4', endpoints: [] },
      { addressType: 'IPv6', endpoints: [] },
      'addressType: Invalid value: "IPv6": field is immutable',
    ],
    [
      'scheduling.k8s.io/v1 PriorityClass',
      { value: 1 },
      { value: 2 },
      'value: Forbidden: may not be changed in an update.',
    ],
  ])('%s', (key, before, after, expected) => {
    expect(changes(key, before, after)).toContain(expected);
    expect(changes(key, before, before)).not.toContain(expected);
  });
});
