// Writes src/cluster/machinery/schema/schema.generated.ts: names, types and required fields of the
// kinds in scope, one line a type, from the models of @kubernetes/client-node.
//   node scripts/generate-schema.ts
import { readFileSync, writeFileSync } from 'node:fs';

import { kindsInScope, modelName } from '../src/cluster/machinery/schema/kinds.ts';

const models = new URL('../node_modules/@kubernetes/client-node/dist/gen/models/', import.meta.url);
const target = new URL('../src/cluster/machinery/schema/schema.generated.ts', import.meta.url);

// The OpenAPI document calls a quantity a string; the server takes a number as well and rewrites both.
const quantityFields = new Set([
  'V1CapacityRequestPolicy.default',
  'V1CapacityRequestPolicy.validValues',
  'V1CapacityRequestPolicyRange.max',
  'V1CapacityRequestPolicyRange.min',
  'V1CapacityRequestPolicyRange.step',
  'V1CapacityRequirements.requests',
  'V1CSIStorageCapacity.capacity',
  'V1CSIStorageCapacity.maximumVolumeSize',
  'V1Counter.value',
  'V1DeviceCapacity.value',
  'V1DeviceRequestAllocationResult.consumedCapacity',
  'V1NodeAllocatableResourceMapping.allocationMultiplier',
  'V1ContainerStatus.allocatedResources',
  'V1EmptyDirVolumeSource.sizeLimit',
  'V1LimitRangeItem.default',
  'V1LimitRangeItem.defaultRequest',
  'V1LimitRangeItem.max',
  'V1LimitRangeItem.maxLimitRequestRatio',
  'V1LimitRangeItem.min',
  'V1NodeStatus.allocatable',
  'V1NodeStatus.capacity',
  'V1Overhead.podFixed',
  'V1PersistentVolumeClaimStatus.allocatedResources',
  'V1PersistentVolumeClaimStatus.capacity',
  'V1PersistentVolumeSpec.capacity',
  'V1PodSpec.overhead',
  'V1PodStatus.allocatedResources',
  'V1ResourceFieldSelector.divisor',
  'V1ResourceQuotaSpec.hard',
  'V1ResourceQuotaStatus.hard',
  'V1ResourceQuotaStatus.used',
  'V1ResourceRequirements.limits',
  'V1ResourceRequirements.requests',
  'V1VolumeResourceRequirements.limits',
  'V1VolumeResourceRequirements.requests',
  'V2MetricTarget.averageValue',
  'V2MetricTarget.value',
  'V2MetricValueStatus.averageValue',
  'V2MetricValueStatus.value',
  'V2HPAScalingRules.tolerance',
  'V1NodeAllocatableResourceClaimStatus.resources',
]);

interface Attribute {
  readonly baseName: string;
  readonly type: string;
  readonly format: string;
}

function attributesOf(model: string): Attribute[] {
  const source = readFileSync(new URL(`${model}.js`, models), 'utf8');
  const table = /attributeTypeMap = (\[[\s\S]*?\n\]);/.exec(source)?.[1];
  if (!table) throw new Error(`${model}.js: no attributeTypeMap`);
  return JSON.parse(table) as Attribute[];
}

function requiredFieldsOf(model: string): Set<string> {
  const declaration = readFileSync(new URL(`${model}.d.ts`, models), 'utf8');
  return new Set([...declaration.matchAll(/^ {4}'([^']+)': /gm)].map((match) => match[1]!));
}

function typeCode({ type, format }: Attribute, isQuantity: boolean): string {
  const list = /^Array<(.+)>$/.exec(type)?.[1];
  if (list) return `[]${typeCode({ baseName: '', type: list, format }, isQuantity)}`;
  const map = /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1];
  if (map) return `{}${typeCode({ baseName: '', type: map, format }, isQuantity)}`;
  if (isQuantity) return 'q';
  switch (type) {
    case 'string':
      return format === 'byte' ? 'y' : 's';
    case 'boolean':
      return 'b';
    case 'number':
      return format === 'int64' ? 'l' : format === 'double' ? 'd' : 'i';
    case 'Date':
      return 't';
    case 'V1MicroTime':
      return 'm';
    case 'IntOrString':
      return 'x';
    case 'any':
      return 'a';
    default:
      if (!/^[A-Z]\w+$/.test(type)) throw new Error(`unknown type ${type}`);
      return type;
  }
}

const lines = new Map<string, string>();
const pending: string[] = kindsInScope.map(modelName);
for (let model = pending.pop(); model; model = pending.pop()) {
  if (lines.has(model)) continue;
  const requiredFields = requiredFieldsOf(model);
  const fields = attributesOf(model).map((attribute) => {
    const code = typeCode(attribute, quantityFields.has(`${model}.${attribute.baseName}`));
    const reference = /[A-Z]\w+$/.exec(code)?.[0];
    if (reference) pending.push(reference);
    return `${attribute.baseName}:${code}${requiredFields.has(attribute.baseName) ? '!' : ''}`;
  });
  lines.set(model, `${model} ${fields.join(' ')}`);
}

const text = [...lines.values()].sort().join('\n');
if (/[`\\$]\{/.test(text)) throw new Error('the text needs escaping');
writeFileSync(
  target,
  `// Written by scripts/generate-schema.ts; do not edit.\nexport const schemaText = \`\n${text}\n\`;\n`,
);
process.stdout.write(`${lines.size} types, ${text.length} bytes\n`);
