// The image of a release, for all architectures: an archive in the layout of OCI (image-spec, image-layout.md), which podman, skopeo and Docker
// load. Each holds the static executable, for others to copy it from, or to run it.

import { readFileSync } from "node:fs";
import { SHARED } from "../release-image.ts";
import type { Addresses } from "./addresses.ts";
import { type Entry, gzip, tar } from "./archive.ts";
import type { Commit } from "./commit.ts";
import { description } from "./documents.ts";
import { sha256 } from "./hash.ts";
import type { Program } from "./program.ts";

const INDEX = "application/vnd.oci.image.index.v1+json";
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const CONFIG = "application/vnd.oci.image.config.v1+json";
const LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";

/** What is said of an image (image-spec, annotations.md). */
export type Labels = Readonly<Record<string, string>>;

/** An image for one architecture. */
export interface PlatformImage {
  /** As OCI calls it. */
  readonly architecture: string;
  readonly files: readonly Entry[];
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: { readonly architecture: string; readonly os: "linux" };
  readonly annotations?: Labels;
}

/** The files of a layout, by their paths. */
type Layout = Map<string, Buffer>;

/** The labels: those of docker/Dockerfile, and the addresses that are known. */
export function labelsOf(version: string, commit: Commit, addresses: Addresses): Labels {
  const { homepage, repository } = addresses;
  const names = {
    title: "tsgosu",
    description: description(),
    licenses: "MIT",
    version,
    revision: commit.hash,
    created: commit.time.toISOString(),
    ...(homepage === "" ? {} : { url: homepage }),
    ...(repository === "" ? {} : { source: repository }),
  };
  return Object.fromEntries(Object.entries(names).map(([name, value]) => [`org.opencontainers.image.${name}`, value]));
}

/** What the image of an executable holds. */
export function imageFiles(program: Program, sbom: string, licences: string): Entry[] {
  const file = (path: string, content: Buffer | string): Entry => ({
    path,
    mode: 0o644,
    content: Buffer.from(content),
  });
  return [
    { path: "tsgosu-static", mode: 0o755, content: readFileSync(program.file) },
    ...SHARED.map(([source, place]) => file(`usr/share/${place}`, readFileSync(source))),
    file("usr/share/doc/tsgosu/copyright", licences),
    file("usr/share/doc/tsgosu/tsgosu.cdx.json", sbom),
  ];
}

/** The archive with an index of the images, under the name `reference` that engines give it when they load it. */
export function ociArchive(images: readonly PlatformImage[], labels: Labels, reference: string, time: Date): Buffer {
  const layout: Layout = new Map([["oci-layout", Buffer.from('{"imageLayoutVersion":"1.0.0"}')]]);
  const manifests = images.map((image) => addImage(layout, image, labels, time));
  const index = addJson(layout, INDEX, { schemaVersion: 2, mediaType: INDEX, manifests, annotations: labels });
  const named = { ...index, annotations: { "org.opencontainers.image.ref.name": reference } };
  layout.set("index.json", Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: [named] })));
  const entries = [...layout].map(([path, content]): Entry => ({ path, mode: 0o644, content }));
  return tar(entries, time);
}

function addImage(layout: Layout, { architecture, files }: PlatformImage, labels: Labels, time: Date): Descriptor {
  const layer = tar(files, time);
  const config = {
    created: time.toISOString(),
    architecture,
    os: "linux",
    // A number, since there is no passwd file here and since a cluster can only verify a number.
    config: { User: "65532:65532", Entrypoint: ["/tsgosu-static"], Cmd: ["--help"], Labels: labels },
    rootfs: { type: "layers", diff_ids: [`sha256:${sha256(layer)}`] },
    history: [{ created: time.toISOString(), created_by: "tsgosu: npm run release" }],
  };
  const manifest = {
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: addJson(layout, CONFIG, config),
    layers: [addBlob(layout, LAYER, gzip(layer))],
    annotations: labels,
  };
  return { ...addJson(layout, MANIFEST, manifest), platform: { architecture, os: "linux" } };
}

function addJson(layout: Layout, mediaType: string, value: unknown): Descriptor {
  return addBlob(layout, mediaType, Buffer.from(JSON.stringify(value)));
}

function addBlob(layout: Layout, mediaType: string, content: Buffer): Descriptor {
  const hash = sha256(content);
  layout.set(`blobs/sha256/${hash}`, content);
  return { mediaType, digest: `sha256:${hash}`, size: content.length };
}
