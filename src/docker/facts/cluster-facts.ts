import type { ApiRequest } from '../types.ts';
import { imageCreateFacts, imageFacts, imagePushFacts, imagesFacts, imageTagFacts } from './image-query.ts';
import { networkConnectFacts, networkCreateFacts } from './network.ts';
import {
  pluginCreateFacts,
  pluginEnableFacts,
  pluginPullFacts,
  pluginPushFacts,
  pluginRegistry,
  pluginSetFacts,
} from './plugin.ts';
import { authFacts, distributionFacts, searchFacts } from './registry.ts';
import { labelledFacts } from './secret.ts';
import { serviceFacts, serviceUpdateFacts } from './service.ts';
import { swarmInitFacts, swarmJoinFacts, swarmUpdateFacts } from './swarm.ts';
import type { Facts } from './types.ts';
import { volumeCreateFacts, volumeUpdateFacts } from './volume.ts';

/** Facts of the operations on networks, volumes, plugins, registries, images and what a swarm has, by operationId. */
export const CLUSTER_FACTS: Readonly<Record<string, (api: ApiRequest, body: never) => Partial<Facts>>> = {
  NetworkCreate: networkCreateFacts,
  NetworkConnect: networkConnectFacts,
  VolumeCreate: volumeCreateFacts,
  VolumeUpdate: volumeUpdateFacts,
  ServiceCreate: serviceFacts,
  ServiceUpdate: serviceUpdateFacts,
  SecretCreate: labelledFacts,
  SecretUpdate: labelledFacts,
  ConfigCreate: labelledFacts,
  ConfigUpdate: labelledFacts,
  NodeUpdate: labelledFacts,
  SwarmInit: swarmInitFacts,
  SwarmJoin: swarmJoinFacts,
  SwarmUpdate: swarmUpdateFacts,
  PluginPull: pluginPullFacts,
  PluginUpgrade: pluginPullFacts,
  PluginCreate: pluginCreateFacts,
  PluginEnable: pluginEnableFacts,
  PluginSet: pluginSetFacts,
  PluginPush: pluginPushFacts,
  GetPluginPrivileges: pluginRegistry,
  SystemAuth: authFacts,
  ImageSearch: searchFacts,
  DistributionInspect: distributionFacts,
  ImageCreate: imageCreateFacts,
  ImagePush: imagePushFacts,
  ImageTag: imageTagFacts,
  ImageInspect: imageFacts,
  ImageHistory: imageFacts,
  ImageAttestations: imageFacts,
  ImageGet: imageFacts,
  ImageGetAll: imagesFacts,
  ImageDelete: imageFacts,
};
