// The two hatchings: "too few to judge" and "no data". Drawn here once for the map and the legend.

export type Pattern = "few" | "none";

const TILE = 16;

function draw(context: CanvasRenderingContext2D, pattern: Pattern, width: number, height: number): void {
  context.fillStyle = pattern === "few" ? "#eceae4" : "#ffffff";
  context.fillRect(0, 0, width, height);
  if (pattern === "few") {
    context.strokeStyle = "#a3a096";
    context.lineWidth = 1.8;
    for (let x = -height; x < width; x += TILE / 2) {
      context.beginPath();
      // Lines start and end outside, so that tiles meet without a seam.
      context.moveTo(x - TILE, height + TILE);
      context.lineTo(x + height + TILE, -TILE);
      context.stroke();
    }
  } else {
    context.fillStyle = "#a9a69d";
    for (let y = TILE / 4; y < height; y += TILE / 2) {
      for (let x = (Math.round(y / (TILE / 2)) % 2 ? 0 : TILE / 2) + TILE / 4; x < width; x += TILE) {
        context.beginPath();
        context.arc(x, y, 1.5, 0, 2 * Math.PI);
        context.fill();
      }
    }
  }
}

/** One tile of a hatching, at twice the density of the screen. */
export function patternImage(pattern: Pattern): ImageData {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = TILE;
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  draw(context, pattern, TILE, TILE);
  return context.getImageData(0, 0, TILE, TILE);
}

export function patternSwatch(pattern: Pattern): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = 44;
  canvas.height = 32;
  draw(canvas.getContext("2d")!, pattern, 44, 32);
  return canvas;
}
