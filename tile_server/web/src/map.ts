// The map itself. Loaded apart from the panel, so that lists and legend stand before the map is ready.

import "maplibre-gl/dist/maplibre-gl.css";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import {
  AttributionControl, type GeoJSONSource, type LngLatBoundsLike, Map as MapLibre, type MapMouseEvent, ScaleControl,
  setWorkerUrl, type StyleSpecification,
} from "maplibre-gl"; // prettier-ignore
import { escape } from "./basemap";
import { FindingsOnMap, type Shown } from "./findings-map";
import type { Catalogue, Class } from "./model";
import { patternImage } from "./pattern";
import type { Box, Place, Places } from "./places";
import { buildStyle, fillColour, shownFor, SOURCE, withBase } from "./style";
import { NO_DATA } from "./classes";

export interface Listeners {
  hover(district: string, x: number, y: number): void;
  hoverFinding(name: string, x: number, y: number): void;
  leave(): void;
  choose(district: string): void;
  chooseFinding(name: string): void;
  moving(): void;
  moved(view: string): void;
  trouble(message: string): void;
}

const PADDING = 20;
/** Height of the search field and what stands beside it. */
const SEARCH_HIGH = 52;
/** Up to this many districts their names are tried at once; beyond it the parents' names come first. */
const FEW_DISTRICTS = 60;

setWorkerUrl(workerUrl);

export class DistrictMap {
  private readonly map: MapLibre;
  private readonly classOf = new Map<string, number>();
  private readonly findings: FindingsOnMap;
  private painted: Class[] | null = null;
  private hovered = "";
  private chosen = "";
  private readonly ready: Promise<void>;
  private readonly home: Box;
  private readonly fitZoom: number;

  constructor(
    container: HTMLElement,
    catalogue: Catalogue,
    base: StyleSpecification | null,
    view: string,
    private readonly listeners: Listeners,
    home: Box,
    covered: number,
  ) {
    this.home = home;
    this.fitZoom = zoomToFit(container, home, covered);
    // Colours that fade over are a motion as well.
    const style = { ...buildStyle(catalogue, this.fitZoom), transition: { duration: calm(300), delay: 0 } };
    this.map = new MapLibre({
      container,
      style: base ? withBase(style, base) : style,
      ...startingView(view, this.home),
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      maxZoom: 15,
      fadeDuration: calm(120),
    });
    this.findings = new FindingsOnMap(this.map);
    this.setCovered(covered);
    // Anew, now that the map knows what lies over it.
    if (!given(view)) this.map.fitBounds(this.home, { padding: PADDING, duration: 0 });
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    this.map.addControl(new AttributionControl({ compact: false, customAttribution: escape(catalogue.area.attribution) }), "bottom-right");
    this.map.addControl(new ScaleControl({ maxWidth: 90 }), "bottom-left");
    this.map.on("error", (event) => listeners.trouble(String(event.error?.message ?? event.error ?? "")));
    this.listen();
    this.ready = new Promise((resolve) => {
      // `load` would wait for the first tiles as well; figures can be put in before.
      this.map.once("style.load", () => {
        for (const pattern of ["few", "none"] as const) this.map.addImage(pattern, patternImage(pattern), { pixelRatio: 2 });
        resolve();
      });
    });
  }

  private listen(): void {
    const { map, listeners } = this;
    map.on("mousemove", ({ point }) => {
      const found = this.findings.at(point);
      const district = found ? "" : this.districtAt(point);
      this.setHovered(district);
      map.getCanvas().style.cursor = found || district ? "pointer" : "";
      if (found) listeners.hoverFinding(found, point.x, point.y);
      else if (district) listeners.hover(district, point.x, point.y);
      else listeners.leave();
    });
    map.on("mouseout", () => {
      this.setHovered("");
      listeners.leave();
    });
    map.on("click", ({ point }: MapMouseEvent) => {
      const found = this.findings.at(point);
      if (found) listeners.chooseFinding(found);
      else listeners.choose(this.districtAt(point));
    });
    map.on("movestart", () => listeners.moving());
    map.on("moveend", () => {
      const { lng, lat } = map.getCenter();
      listeners.moved([map.getZoom().toFixed(2), lat.toFixed(4), lng.toFixed(4)].join("/"));
    });
  }

  private districtAt(point: MapMouseEvent["point"]): string {
    return String(this.map.queryRenderedFeatures(point, { layers: ["marks", "districts-fill"] })[0]?.properties["district"] ?? "");
  }

  /** Wait until all that the map was told is seen: tiles are there and nothing moves. */
  async drawn(): Promise<void> {
    await this.ready;
    // A map that is at rest already says so only after another frame.
    this.map.triggerRepaint();
    await this.map.once("idle");
  }

  private setState(district: string, state: Record<string, unknown>): void {
    if (district) this.map.setFeatureState({ source: SOURCE, sourceLayer: "districts", id: district }, state);
  }

  private forget(district: string): void {
    this.classOf.delete(district);
    this.map.removeFeatureState({ source: SOURCE, sourceLayer: "districts", id: district }, "c");
  }

  private setHovered(district: string): void {
    if (district === this.hovered) return;
    this.setState(this.hovered, { hover: false });
    this.setState(district, { hover: true });
    this.hovered = district;
  }

  async setChosen(district: string): Promise<void> {
    await this.ready;
    if (district === this.chosen) return;
    this.setState(this.chosen, { chosen: false });
    this.setState(district, { chosen: true });
    this.chosen = district;
  }

  /** `dotted`: whether a district without a class is without data, and marked so. */
  async setClasses(classes: Class[], few: number, dotted = true): Promise<void> {
    await this.ready;
    if (classes === this.painted) return;
    this.painted = classes;
    this.map.setPaintProperty("districts-fill", "fill-color", fillColour(classes));
    this.map.setPaintProperty("districts-few", "fill-opacity", few < 0 ? 0 : shownFor(few));
    this.map.setPaintProperty("districts-none", "fill-opacity", dotted ? shownFor(NO_DATA) : 0);
  }

  /** Colour the districts: only feature states change, no tile is asked for. */
  async paint(classes: Map<string, number>): Promise<void> {
    await this.ready;
    // Figures that could not be had take the old colours away with them.
    for (const district of this.classOf.keys()) if (!classes.has(district)) this.forget(district);
    for (const [district, one] of classes) {
      if (this.classOf.get(district) === one) continue;
      this.classOf.set(district, one);
      this.setState(district, { c: one });
    }
  }

  async setLabels(places: Places, name: (place: Place) => string, parentName: (place: Place) => string): Promise<void> {
    await this.ready;
    const feature = (kind: string, text: string, place: Place): GeoJSON.Feature[] =>
      place.anchor && text
        ? [{ type: "Feature", properties: { kind, name: text, size: place.size }, geometry: { type: "Point", coordinates: place.anchor } }]
        : [];
    const features = [...places.byCode.values()].flatMap((place) => feature("district", name(place), place));
    if (places.parents.size > 1) {
      features.push(...[...places.parents.values()].flatMap((place) => feature("parent", parentName(place), place)));
    }
    const many = places.byCode.size > FEW_DISTRICTS;
    this.map.setLayerZoomRange("districts-label", many ? this.fitZoom + 0.8 : 0, 24);
    this.map.setLayerZoomRange("parents-label", 0, many ? this.fitZoom + 2 : 24);
    (this.map.getSource("labels") as GeoJSONSource).setData({ type: "FeatureCollection", features });
  }

  /** Mark districts too small to be seen in their colour, at their middle. */
  async setMarks(marks: { place: Place; colour: string }[]): Promise<void> {
    await this.ready;
    const world = 512 * 2 ** this.fitZoom;
    const small = ({ box }: Place) => box !== null && ((box[2] - box[0]) / 360) * world < SMALL;
    const features = marks
      .filter(({ place }) => place.anchor && small(place))
      .map(({ place, colour }): GeoJSON.Feature => ({
        type: "Feature", properties: { district: place.code, colour }, geometry: { type: "Point", coordinates: place.anchor! },
      })); // prettier-ignore
    (this.map.getSource("marks") as GeoJSONSource).setData({ type: "FeatureCollection", features });
  }

  async setFindings(shown: Shown): Promise<void> {
    await this.ready;
    this.findings.show(shown, calm(1) > 0);
  }

  zoomBy(step: number): void {
    this.map.easeTo({ zoom: this.map.getZoom() + step, duration: calm(220) });
  }

  fit(box: Box = this.home, maxZoom = 15): void {
    this.map.fitBounds(box as LngLatBoundsLike, { padding: PADDING, maxZoom, duration: calm(600) });
  }

  /** Bring a district into sight, without moving where it is seen already. */
  show(box: Box): void {
    const { map } = this;
    const [low, high] = [map.project([box[0], box[1]]), map.project([box[2], box[3]])];
    const { clientWidth, clientHeight } = map.getContainer();
    const { top, bottom } = map.getPadding();
    if (low.x >= 0 && high.x <= clientWidth && high.y >= (top ?? 0) && low.y <= clientHeight - (bottom ?? 0)) return;
    map.fitBounds(box as LngLatBoundsLike, { padding: PADDING, maxZoom: map.getZoom(), duration: calm(500) });
  }

  /** Keep clear of what lies over the map's lower edge. */
  setCovered(bottom: number): void {
    this.map.setPadding({ top: SEARCH_HIGH, right: 0, left: 0, bottom });
  }

  resize(): void {
    this.map.resize();
  }
}

/** Width in pixels, where the whole area is seen, below which a district is marked. */
const SMALL = 22;

const calm = (duration: number): number => (matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : duration);

/** Zoom, latitude and longitude of a shared view, null where the address has none that can be shown. */
function given(view: string): { zoom: number; center: [number, number] } | null {
  const [zoom = NaN, lat = NaN, lng = NaN] = view.split("/").map(Number);
  return [zoom, lat, lng].every(Number.isFinite) && Math.abs(lat) <= 85 ? { zoom, center: [lng, lat] } : null;
}

function startingView(view: string, home: Box) {
  return given(view) ?? { bounds: home as LngLatBoundsLike, fitBoundsOptions: { padding: PADDING } };
}

/** The zoom at which the area fills the map. */
function zoomToFit(container: HTMLElement, [west, south, east, north]: Box, covered: number): number {
  const y = (lat: number) => Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) / (2 * Math.PI);
  const width = (container.clientWidth || 800) / 512 / ((east - west) / 360);
  const height = ((container.clientHeight || 700) - covered - SEARCH_HIGH) / 512 / (y(north) - y(south));
  return Math.max(0, Math.log2(Math.min(width, height)));
}
